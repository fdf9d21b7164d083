// The model page as a user has it: every button says what it does, by mouse and by keyboard, and foreign text stays text.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ModelsAction, ModelsView } from '../../webview/protocol.ts';
import {
  download,
  entry,
  files,
  fits,
  fullModels,
  installed,
  lookUp,
  modelsView,
  variant,
} from '../support/models_states.ts';
import { openPanel, type PanelPage } from '../support/page.ts';
import { answer, compilingEngine, panelState, question, readyEngine } from '../support/panel_states.ts';

let panel: PanelPage;
beforeEach(async () => {
  panel = await openPanel();
  await panel.send({ type: 'snapshot', state: panelState({ turns: [question(), answer({ text: 'So.' })] }) });
});
afterEach(async () => {
  await panel.close();
});

const page = () => panel.page.getByTestId('models');
const show = (models: ModelsView | undefined) => panel.send({ type: 'models', models });
const named = (name: string | RegExp) =>
  page().getByRole('button', { name, exact: typeof name === 'string' });
const actions = async (): Promise<ModelsAction[]> =>
  (await panel.postedOf('models')).map(({ action }) => action);
/** Name of the focused control, through shadow trees. */
const focusedName = (): Promise<string> =>
  panel.page.evaluate(() => {
    let focused = document.activeElement;
    while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
    const host =
      focused?.getRootNode() instanceof ShadowRoot ? (focused.getRootNode() as ShadowRoot).host : focused;
    return focused?.getAttribute('aria-label') ?? host?.textContent?.trim() ?? '';
  });
async function tabTo(name: string): Promise<void> {
  const passed: string[] = [];
  for (let step = 0; step < 60; step++) {
    await panel.page.keyboard.press('Tab');
    const focused = await focusedName();
    if (focused === name) return;
    passed.push(focused);
  }
  expect.fail(`"${name}" was not reached; passed ${passed.join(', ')}`);
}

test('the name of the model in the header asks for the page', async () => {
  await panel.page.getByRole('link', { name: 'hearth-tiny' }).click();
  expect(await panel.postedOf('action')).toEqual([{ type: 'action', action: 'chooseModel' }]);
});

test('the page takes the place of the chat, and gives it back with the box ready to write in', async () => {
  await show(modelsView());
  expect(await page().isVisible()).toBe(true);
  expect(await panel.page.getByText('So.').isVisible()).toBe(false);
  expect(await panel.page.getByLabel('Ask Hearth').isVisible()).toBe(false);
  expect(await focusedName()).toBe('Back to the chat');
  await named('Back to the chat').click();
  expect(await actions()).toEqual([{ kind: 'close' }]);
  await show(undefined);
  expect(await page().isVisible()).toBe(false);
  expect(await panel.page.getByText('So.').isVisible()).toBe(true);
  expect(await focusedName()).toBe('Ask Hearth');
});

test('Escape leaves the page and does not stop an answer behind it', async () => {
  await panel.send({ type: 'busy', busy: true });
  await show(modelsView());
  await panel.page.keyboard.press('Escape');
  expect(await actions()).toEqual([{ kind: 'close' }]);
  expect(await panel.postedOf('stop')).toEqual([]);
});

test('a model is fetched and used by its buttons; other sizes are behind a fold', async () => {
  const row = (modelId?: string) =>
    modelsView({
      catalogue: [
        entry({
          variants: [
            variant(modelId ? { state: 'installed', modelId } : {}),
            variant({ label: 'Q8_0', bytes: 5e9 }),
          ],
        }),
      ],
    });
  await show(row());
  await named('Download Qwen3.5 4B Q4_K_M').click();
  expect(await named('Download Qwen3.5 4B Q8_0').isVisible()).toBe(false);
  await page().getByText('1 other size').click();
  await named('Download Qwen3.5 4B Q8_0').click();
  await show(row('m9'));
  await named('Use Qwen3.5 4B Q4_K_M').click();
  expect(await actions()).toEqual([
    { kind: 'download', entryId: 'qwen3.5-4b', label: 'Q4_K_M' },
    { kind: 'download', entryId: 'qwen3.5-4b', label: 'Q8_0' },
    { kind: 'use', modelId: 'm9' },
  ]);
});

test('advice says in words whether a model fits, and marks what is predicted', async () => {
  await show(modelsView({ catalogue: [entry({ variants: [variant({ bytesKnown: false })] })] }));
  const line = page().getByTestId('variant').first();
  expect(await line.innerText()).toMatch(/about 2\.7 GB\s*Fits/);
  expect(await line.innerText()).toContain('Predicted: 41 to 96 tokens per second.');
  await line.getByText('Predicted memory').click();
  expect(await line.getByRole('listitem').allInnerTexts()).toEqual([
    '3.1 GB with a context of 8K tokens',
    '3.4 GB with a context of 32K tokens',
    '7.2 GB with a context of 256K tokens',
    '22.4 GB with a context of 1.01M tokens (YaRN): does not fit',
    '2.4 GB read for each token',
  ]);
});

test('an installed model is used, checked, shown and removed', async () => {
  await show(fullModels());
  const name = 'Qwen3.5 2B Q4_K_M';
  expect(await page().getByTestId('current-model').filter({ visible: true }).allInnerTexts()).toEqual([
    'In use',
  ]);
  await named('Use Hearth tiny (comes with Hearth)').click();
  await named(`Check the files of ${name}`).click();
  await named(`Show ${name} in the file manager`).click();
  await named(`Delete: ${name}`).click();
  await named(/^Take off the list: my_finetune/).click();
  expect(await named('Delete: Hearth tiny (comes with Hearth)').count()).toBe(0);
  expect(await actions()).toEqual([
    { kind: 'use', modelId: 'embedded' },
    { kind: 'verify', modelId: 'm2' },
    { kind: 'reveal', modelId: 'm2' },
    { kind: 'remove', modelId: 'm2' },
    { kind: 'remove', modelId: 'm3' },
  ]);
});

test('the model in use says how its loading goes', async () => {
  await show(modelsView());
  const engine = {
    state: 'loading',
    modelName: '',
    textOnly: false,
    deviceName: 'GPU',
    software: false,
    loadStage: 'uploading',
    loadFraction: 0.42,
  } as const;
  await panel.send({ type: 'engine', engine });
  expect(await page().getByTestId('current-model').innerText()).toBe('Loading the model, 42 %');
  await panel.send({ type: 'engine', engine: compilingEngine });
  expect(await page().getByTestId('current-model').innerText()).toBe(
    'Preparing the GPU, only the first time: 12 of 60',
  );
  await panel.send({ type: 'engine', engine: { ...readyEngine, kernels: { done: 31, total: 60 } } });
  expect(await page().getByTestId('current-model').innerText()).toBe('In use');
});

test('a download tells how far it is, and is paused, continued and given up', async () => {
  await show(modelsView({ downloads: [download()] }));
  const status = () => page().getByTestId('download-status').innerText();
  expect(await status()).toBe('1.1 GB of 2.7 GB · 34 MB/s · 48 s left');
  await named('Pause Qwen3.5 4B Q4_K_M').click();
  await show(
    modelsView({
      downloads: [download({ phase: 'paused', bytesPerSecond: undefined, secondsLeft: undefined })],
    }),
  );
  expect(await status()).toBe('Paused · 1.1 GB of 2.7 GB');
  await named('Continue Qwen3.5 4B Q4_K_M').click();
  await named('Cancel Qwen3.5 4B Q4_K_M').click();
  await show(modelsView({ downloads: [download({ phase: 'verifying', bytesVerified: 1.37e9 })] }));
  expect(await status()).toBe('Checking the files, 50 %');
  await show(modelsView({ downloads: [download({ phase: 'done', modelId: 'm1' })] }));
  await named('Use Qwen3.5 4B Q4_K_M').click();
  expect(await actions()).toEqual([
    { kind: 'pause', downloadId: 'd1' },
    { kind: 'resume', downloadId: 'd1' },
    { kind: 'cancel', downloadId: 'd1' },
    { kind: 'use', modelId: 'm1' },
  ]);
  expect(await panel.page.getByRole('status').innerText()).toBe('Qwen3.5 4B Q4_K_M is ready to use.');
});

test('a failed download says why and what helps', async () => {
  const problem = {
    message: 'Access to maker/x was refused.',
    remedy: 'Accept the licence and set a token.',
  };
  await show(modelsView({ downloads: [download()] }));
  await show(modelsView({ downloads: [download({ phase: 'failed', problem, needsToken: true })] }));
  expect(await panel.page.getByRole('status').innerText()).toContain('Access to maker/x was refused.');
  expect(await page().locator('.failure-remedy').innerText()).toBe(problem.remedy);
  await named('Try again').click();
  await page().getByTestId('download').getByRole('button', { name: 'Set an access token…' }).click();
  expect(await actions()).toEqual([{ kind: 'resume', downloadId: 'd1' }, { kind: 'token' }]);
});

test('a repository is asked for by Enter, and its files are fetched', async () => {
  await show(modelsView());
  const field = page().getByRole('textbox', { name: 'Hugging Face repository' });
  await field.press('Enter');
  await field.fill('  maker/other-GGUF ');
  await field.press('Enter');
  await show(modelsView({ lookUp: lookUp({ state: 'asking', reference: 'maker/other-GGUF' }) }));
  expect(await page().getByText('Asking the hub').isVisible()).toBe(true);
  await field.press('Enter');
  await show(fullModels());
  expect(await field.inputValue()).toBe('  maker/other-GGUF ');
  const found = page().getByTestId('found');
  expect(await found.innerText()).toContain('Its licence must be accepted on its page first.');
  await found.getByRole('button', { name: 'Download maker/other-GGUF Q8_0' }).click();
  expect(await actions()).toEqual([
    { kind: 'lookUp', reference: 'maker/other-GGUF' },
    { kind: 'downloadFound', label: 'Q8_0' },
  ]);
});

test('the whole page is worked by the keyboard alone', async () => {
  await show(
    modelsView({
      problem: { message: 'Oh.', remedy: 'Hm.' },
      installed: [installed(), installed({ id: 'm2', name: 'Other', current: false, removal: 'delete' })],
    }),
  );
  for (const name of [
    'Dismiss',
    'Use Other',
    'Delete: Other',
    'Download Qwen3.5 4B Q4_K_M',
    'Use a .gguf file on disk',
    'Use a folder of safetensors on disk',
    'Copy a model from a folder',
    'Set an access token…',
    'Change the folder of models',
  ]) {
    await tabTo(name);
    await panel.page.keyboard.press('Enter');
  }
  expect((await actions()).map(({ kind }) => kind)).toEqual([
    'dismissProblem',
    'use',
    'remove',
    'download',
    'addFile',
    'addFolder',
    'importFolder',
    'token',
    'folderSetting',
  ]);
});

test('progress leaves the focus and opened folds alone', async () => {
  const step = (bytesDone: number) => modelsView({ downloads: [download({ bytesDone })] });
  await show(step(1e9));
  await page().getByText('2 other sizes').click();
  await named('Pause Qwen3.5 4B Q4_K_M').focus();
  for (let bytesDone = 1e9; bytesDone < 2e9; bytesDone += 1e8) await show(step(bytesDone));
  expect(await focusedName()).toBe('Pause Qwen3.5 4B Q4_K_M');
  expect(await named('Download Qwen3.5 4B Q8_0').isVisible()).toBe(true);
});

test('where a focused button goes away, the focus stays in its row', async () => {
  await show(modelsView({ downloads: [download()] }));
  await named('Pause Qwen3.5 4B Q4_K_M').focus();
  await show(modelsView({ downloads: [download({ phase: 'paused' })] }));
  expect(await focusedName()).toBe('Continue Qwen3.5 4B Q4_K_M');
});

describe('what the hub says stays text', () => {
  const nasty =
    '<img src=x onerror="record.violations.push(\'ran\')"><script>record.violations.push("ran")</script>"\'>&lt;\u202e';
  const longName = 'owner/' + 'x'.repeat(400);
  const fit = { ...fits, why: nasty };
  const problem = { message: nasty, remedy: nasty };
  const all = modelsView({
    device: nasty,
    storage: nasty,
    installed: [
      installed({
        id: nasty,
        name: nasty,
        origin: longName,
        current: false,
        removal: 'delete',
        checked: { ok: false, text: nasty },
      }),
    ],
    catalogue: [
      entry({
        id: nasty,
        name: nasty,
        description: nasty,
        licence: nasty,
        repository: longName,
        goodAt: [nasty],
        offered: nasty,
        variants: [variant({ label: nasty, fit }), variant({ label: longName })],
      }),
    ],
    downloads: [download({ name: nasty, origin: longName, notice: nasty, phase: 'failed', problem })],
    lookUp: lookUp({
      state: 'found',
      reference: nasty,
      title: nasty,
      notes: [nasty, longName],
      variants: [variant({ label: nasty })],
    }),
    problem,
  });

  test('in every place of the page', async () => {
    await show(all);
    expect(await page().locator('img, script').count()).toBe(0);
    expect(await page().locator('h4').first().innerText()).toBe(nasty);
    await named(`Download ${nasty} ${nasty}`).first().click();
    expect(await actions()).toEqual([{ kind: 'download', entryId: nasty, label: nasty }]);
    await panel.screenshot('models-hostile');
  });

  test('and does not push anything out of the page', async () => {
    await show(all);
    const wide = await panel.page.evaluate(() => {
      const box = document.querySelector('.models');
      return box ? box.scrollWidth - box.clientWidth : -1;
    });
    expect(wide).toBe(0);
  });
});

test('says how much context a model gets when that is less than its own', async () => {
  const bound = { by: 'machine' as const, modelTokens: 262_144 };
  await show(
    modelsView({ installed: [installed({ context: { tokens: 12_288, bound } }), installed({ id: 'b' })] }),
  );
  const lines = page().getByTestId('model-context');
  expect(await lines.first().innerText()).toBe(
    'Context: 12,288 tokens. As much as fits this machine. The model was made for 262,144 tokens.',
  );
  expect(await lines.nth(1).isVisible()).toBe(false);
});

test('a model in use that could not be loaded can be tried again', async () => {
  await show(modelsView());
  expect(await named('Use Hearth tiny (comes with Hearth)').isVisible()).toBe(false);
  const failure = { message: 'No room.', remedy: 'Choose a smaller one.', actions: [] };
  await panel.send({ type: 'engine', engine: { ...readyEngine, state: 'failed', failure } });
  await named('Use Hearth tiny (comes with Hearth)').click();
  expect(await actions()).toEqual([{ kind: 'use', modelId: 'embedded' }]);
});

test('what exactly a model is made of is behind a fold: commit, licence, files, and hashes where the hub named them', async () => {
  const two = files('a-Q4_K_M.gguf', {
    files: [
      { name: 'a-Q4_K_M.gguf', bytes: 2.74e9, sha256: '5e'.repeat(32) },
      { name: 'config.json', bytes: 1200 },
    ],
  });
  await show(
    modelsView({
      installed: [installed({ files: two })],
      downloads: [download({ files: two }), download({ id: 'asking', files: undefined })],
      lookUp: lookUp({ state: 'found', variants: [variant({ files: two })] }),
    }),
  );
  const rows = [
    page().getByTestId('installed-model'),
    page().getByTestId('download').first(),
    page().getByTestId('found'),
  ];
  for (const row of rows) {
    const fold = row.getByTestId('files');
    expect(await fold.getByText('Commit').isVisible()).toBe(false);
    await fold.getByText('Files and hashes').click();
    expect(await fold.locator('li').allInnerTexts()).toEqual([
      'Commit 0123456789abcdef0123456789abcdef01234567',
      'Licence: apache-2.0',
      `a-Q4_K_M.gguf, 2.7 GB, SHA-256 ${'5e'.repeat(32)}`,
      'config.json, 1 kB, no published SHA-256',
    ]);
  }
  const asking = page().getByTestId('download').nth(1).getByTestId('files');
  expect(await asking.isVisible()).toBe(false);
});

test('a fold stays open, and what is selected in it stays selected, while the page goes on', async () => {
  await show(modelsView({ downloads: [download()] }));
  const fold = page().getByTestId('download').getByTestId('files');
  await fold.getByText('Files and hashes').click();
  await fold.locator('code').first().selectText();
  await show(modelsView({ downloads: [download({ bytesDone: 2e9 })] }));
  expect(await panel.page.evaluate(() => String(getSelection()))).toMatch(/^[0-9a-f]{40}$/);
  expect(await fold.locator('code').first().isVisible()).toBe(true);
});

test('a model of which only the text part is used says so on its row', async () => {
  await show(modelsView({ catalogue: [entry(), entry({ id: 'next', textOnly: false })] }));
  const rows = page().getByTestId('catalogue-model');
  expect(await rows.first().innerText()).toContain('text part only');
  expect(await rows.nth(1).innerText()).not.toContain('text part only');
});
