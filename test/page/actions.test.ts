// Everything that can be clicked, and the engine's states with their remedies.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { panelActions, type EngineView } from '../../webview/protocol.ts';
import { openPanel, type PanelPage } from '../support/page.ts';
import {
  answer,
  compilingEngine,
  failure,
  panelState,
  question,
  readyEngine,
  source,
} from '../support/panel_states.ts';

let panel: PanelPage;
beforeEach(async () => {
  panel = await openPanel();
});
afterEach(async () => {
  await panel.close();
});

const showAnswer = (change: Parameters<typeof answer>[0]): Promise<void> =>
  panel.send({ type: 'snapshot', state: panelState({ turns: [question(), answer(change)] }) });

test('nothing is shown before the host has told what is in the conversation', async () => {
  const box = panel.page.getByLabel('Ask Hearth').first();
  await panel.send({ type: 'engine', engine: readyEngine });
  expect(await box.isVisible()).toBe(false);
  await showAnswer({ text: 'x' });
  expect(await box.isVisible()).toBe(true);
});

test('copy and insert send the code as it was written, and copy says that it has copied', async () => {
  const code = 'if (a < b && c) {\n\treturn "<b>";\n}\n';
  await showAnswer({ text: `\`\`\`js\n${code}\n\`\`\`\n\n> \`\`\`\n> nested\n> \`\`\`` });
  await panel.page.getByRole('button', { name: 'Copy code' }).first().click();
  await panel.page.getByRole('button', { name: 'Copied' }).waitFor();
  await panel.page.getByRole('button', { name: 'Insert code at cursor' }).first().click();
  await panel.page.getByRole('button', { name: 'Insert code at cursor' }).last().click();
  expect(await panel.postedOf('copyCode')).toEqual([{ type: 'copyCode', code }]);
  expect((await panel.postedOf('insertCode')).map(message => message.code)).toEqual([code, 'nested']);
  await panel.page.getByRole('button', { name: 'Copied' }).waitFor({ state: 'detached' });
});

test('the whole answer can be copied as markdown', async () => {
  await showAnswer({ text: 'Some **text**' });
  await panel.page.getByRole('button', { name: 'Copy answer' }).click();
  expect(await panel.postedOf('copyCode')).toEqual([{ type: 'copyCode', code: 'Some **text**' }]);
});

test('a finished answer can be asked for again, a running one cannot', async () => {
  await showAnswer({ text: 'x', status: 'streaming' });
  expect(await panel.page.getByRole('button', { name: 'Answer again' }).count()).toBe(0);
  await showAnswer({ text: 'x', status: 'stopped' });
  await panel.page.getByRole('button', { name: 'Answer again' }).click();
  expect(await panel.postedOf('action')).toEqual([{ type: 'action', action: 'retry', turnId: 'a1' }]);
});

test('a source opens its file, cited ones are marked, and a long list is folded', async () => {
  const more = Array.from({ length: 20 }, (_, index) =>
    source({ label: `src/file${index}.ts:1-2`, uri: `file:///f${index}`, cited: index === 19 }),
  );
  await showAnswer({ text: 'x', sources: [source(), ...more] });
  await panel.page.locator('.source').first().click();
  expect(await panel.postedOf('openSource')).toEqual([
    { type: 'openSource', uri: 'file:///sample/src/parser.ts', startLine: 10, endLine: 42 },
  ]);
  expect(await panel.page.locator('.cited').count()).toBe(2);
  expect(await panel.page.getByText('src/file19.ts:1-2').isVisible()).toBe(true);
  expect(await panel.page.getByText('src/file18.ts:1-2').isVisible()).toBe(false);
  await panel.page.getByText('13 more sources').click();
  expect(await panel.page.getByText('src/file18.ts:1-2').isVisible()).toBe(true);
});

test('files that the model did not see whole are listed with the reason, and all of them are counted', async () => {
  const leftOut = [{ path: 'big.bin', reason: 'not a text file' }];
  await showAnswer({
    text: 'x',
    filesSeen: '302 files: 1 seen whole, 301 not at all',
    leftOut,
    leftOutMore: 300,
  });
  await panel.page.getByText('302 files: 1 seen whole, 301 not at all').click();
  expect(await panel.page.locator('.turn .left-out li').allInnerTexts()).toEqual([
    'big.binnot a text file',
    'and 300 more files',
  ]);
});

test('a source says whether the model saw its file whole', async () => {
  const part = source({ label: 'b.ts:1', uri: 'file:///b', seen: 'excerpt' });
  await showAnswer({ text: 'x', sources: [source({ seen: 'whole' }), part, source({ uri: 'file:///old' })] });
  expect(
    await panel.page
      .locator('.sources > ul > li')
      .evaluateAll(rows => rows.map(row => row.querySelector('.seen')?.textContent)),
  ).toEqual(['seen whole', 'seen in excerpts', undefined]);
});

test('a failed turn offers its actions with the id of the turn', async () => {
  const actions = [...panelActions];
  await showAnswer({ status: 'failed', failure: { ...failure, actions } });
  expect(await panel.page.getByText(failure.message).isVisible()).toBe(true);
  expect(await panel.page.getByText(failure.remedy).isVisible()).toBe(true);
  for (const button of await panel.page.locator('.failure-actions vscode-button').all()) await button.click();
  expect(await panel.postedOf('action')).toEqual(
    actions.map(action => ({ type: 'action', action, turnId: 'a1' })),
  );
});

test('a link of an answer is opened by the host, once', async () => {
  await showAnswer({ text: 'See [docs](https://example.com/a?b=1&c=2) or https://example.org, not foo.rs' });
  const links = panel.page.locator('.answer a');
  expect(await links.count()).toBe(2);
  await panel.page.evaluate(() => {
    document.addEventListener('click', () =>
      window.record.violations.push('a click on a link went up to the document'),
    );
  });
  await links.first().click();
  await links.last().click({ button: 'middle' });
  expect(await panel.postedOf('openLink')).toEqual([
    { type: 'openLink', href: 'https://example.com/a?b=1&c=2' },
    { type: 'openLink', href: 'https://example.org' },
  ]);
  expect(panel.page.url()).toContain('/panel');
});

test('a new chat can be begun, and an example goes into the box', async () => {
  await panel.send({ type: 'snapshot', state: panelState() });
  await panel.page.getByRole('button', { name: 'New chat' }).click();
  expect(await panel.postedOf('newChat')).toHaveLength(1);
  await panel.page.getByRole('button', { name: /What does this project do/ }).click();
  expect(await panel.page.getByLabel('Ask Hearth').inputValue()).toContain('What does this project do');
  expect(await panel.page.getByRole('checkbox').isChecked()).toBe(true);
  await panel.page.keyboard.press('Enter');
  expect(await panel.postedOf('submit')).toHaveLength(1);
});

describe('the engine', () => {
  const show = (change: Partial<EngineView>): Promise<void> =>
    panel.send({ type: 'engine', engine: { ...readyEngine, software: false, ...change } });
  const engine = () => panel.page.getByTestId('engine');
  beforeEach(() => panel.send({ type: 'snapshot', state: panelState() }));

  test('shows its states', async () => {
    for (const [state, words] of [
      ['stopped', 'Starts with your first question'],
      ['resting', 'Resting'],
      ['starting', 'Starting'],
      ['ready', 'Ready'],
      ['restarting', 'Restarting'],
    ] as const) {
      await show({ state });
      expect(await engine().getAttribute('data-state')).toBe(state);
      expect(await engine().innerText()).toContain(words);
      expect(await engine().innerText()).toContain(readyEngine.modelName);
    }
  });

  test('that rests says what that means, on a line of its own', async () => {
    const note = panel.page.getByText('Your next question starts the model again.');
    expect(await note.isVisible()).toBe(false);
    await show({ state: 'resting' });
    expect(await note.isVisible()).toBe(true);
    await show({ state: 'ready' });
    expect(await note.isVisible()).toBe(false);
  });

  test('shows how far the model is loaded', async () => {
    await show({ state: 'loading', loadStage: 'uploading', loadFraction: 0.423 });
    expect(await engine().innerText()).toContain('Loading the model, 42 %');
    expect(await panel.page.getByLabel('Model loaded').getAttribute('value')).toBe('0.423');
    await show(compilingEngine);
    expect(await engine().innerText()).toContain('Preparing the GPU, only the first time: 12 of 60');
    expect(await panel.page.getByLabel('Model loaded').getAttribute('value')).toBe('0.84');
    await show({ state: 'ready' });
    expect(await panel.page.getByLabel('Model loaded').isVisible()).toBe(false);
  });

  test('says that the GPU is prepared in the background, in the figures and where an answer waits for it', async () => {
    const answered = answer({ text: 'Done **before**' });
    const turns = [question(), answered, question({ id: 'q2' }), answer({ id: 'a2', status: 'waiting' })];
    await panel.send({ type: 'snapshot', state: panelState({ turns, busy: true }) });
    await panel.page.evaluate(() => {
      for (const node of document.querySelectorAll('.answer *')) node.setAttribute('data-seen', '');
    });
    await show({ kernels: { done: 31, total: 60 } });
    const line = panel.page.getByTestId('compiling');
    expect(await engine().innerText()).toContain('Ready');
    await panel.page.getByTestId('context-meter').click();
    expect(await line.innerText()).toBe('Preparing the GPU in the background, only the first time: 31 of 60');
    await panel.page.keyboard.press('Escape');
    const progress = panel.page.locator('[data-turn=a2]').getByTestId('progress');
    expect(await progress.innerText()).toContain('Preparing the GPU, only the first time: 31 of 60');
    await panel.send({ type: 'reading', turnId: 'a2', done: 61, total: 66 });
    await show({ kernels: { done: 32, total: 60 } });
    expect(await progress.innerText()).toContain(
      'Reading 61 of 66 tokens. Preparing the GPU, only the first time: 32 of 60',
    );
    expect(await panel.page.getByRole('status').innerText()).toBe('');
    expect(await panel.page.locator('.answer [data-seen]').count()).toBeGreaterThan(0);
    await show({});
    expect(await line.isVisible()).toBe(false);
    expect(await progress.innerText()).not.toContain('GPU');
  });

  test('offers a remedy when it failed, and says so aloud', async () => {
    await show({ state: 'failed', failure });
    await panel.page.getByRole('button', { name: 'Restart the engine' }).click();
    expect(await panel.postedOf('action')).toEqual([{ type: 'action', action: 'restartEngine' }]);
    expect(await panel.page.getByRole('status').innerText()).toContain(failure.message);
    await show({ state: 'ready' });
    expect(await panel.page.getByText(failure.message).count()).toBe(0);
  });

  test('says when a CPU does the work', async () => {
    await show({ software: false });
    expect(await panel.page.getByTitle('running on the CPU').isVisible()).toBe(false);
    await show({ software: true });
    expect(await panel.page.getByTitle('running on the CPU').isVisible()).toBe(true);
  });

  test('says where only the text part of a model is used, before the first question', async () => {
    await panel.send({ type: 'snapshot', state: panelState({ turns: [] }) });
    const note = panel.page.getByTestId('text-only');
    expect(await note.isVisible()).toBe(false);
    await panel.send({ type: 'engine', engine: { ...readyEngine, modelName: 'Qwen3.5-4B', textOnly: true } });
    expect(await note.innerText()).toContain('text part');
    expect(await panel.page.getByTestId('engine').getAttribute('title')).toContain('Qwen3.5-4B (text only)');
  });

  test('shows what is to be known of the model that is ready', async () => {
    const note = 'Its own chat template is not used.';
    await panel.send({ type: 'engine', engine: { ...readyEngine, note } });
    expect(await panel.page.getByText(note).isVisible()).toBe(true);
    await panel.send({ type: 'engine', engine: readyEngine });
    expect(await panel.page.getByText(note).isVisible()).toBe(false);
  });

  test('shows how full the context is, and warns near the end', async () => {
    const meter = panel.page.getByTestId('context-meter');
    await panel.send({ type: 'meter', meter: { usedTokens: 0, maxTokens: 0 } });
    expect(await meter.innerText()).toBe('Figures');
    await panel.send({ type: 'meter', meter: { usedTokens: 1234, maxTokens: 8192 } });
    expect(await meter.innerText()).toContain('1,234 / 8,192 tokens');
    expect(await meter.getAttribute('data-level')).toBe('normal');
    await panel.send({ type: 'meter', meter: { usedTokens: 8000, maxTokens: 8192 } });
    expect(await meter.getAttribute('data-level')).toBe('high');
  });

  test('says that a context was bounded to what fits, and what the model was made for', async () => {
    const meter = panel.page.getByTestId('context-meter');
    const show = (by: 'machine' | 'setting') =>
      panel.send({
        type: 'meter',
        meter: { usedTokens: 1, maxTokens: 12_288, bound: { by, modelTokens: 262_144 } },
      });
    await show('machine');
    expect(await meter.innerText()).toContain('1 / 12,288 tokens (automatic)');
    expect(await meter.getAttribute('title')).toContain(
      'As much as fits this machine. The model was made for 262,144 tokens.',
    );
    await show('setting');
    expect(await meter.innerText()).not.toContain('automatic');
    expect(await meter.getAttribute('title')).toContain('hearth.context.maxTokens');
  });
});
