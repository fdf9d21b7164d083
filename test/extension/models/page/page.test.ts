// The model page in the extension host, over a real library and a hub on this machine: what each button does and shows.
import { copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { AutomaticContexts } from '../../../../extension/models/fit/automatic_context.ts';
import { ModelsPage, type ModelsPageDeps } from '../../../../extension/models/page/page.ts';
import type { PageDialogs, Question } from '../../../../extension/models/page/dialogs.ts';
import { onUnseenArrival } from '../../../../extension/models/page/unseen_arrivals.ts';
import { cacheBytes, fixedBytes } from '../../../../extension/models/fit/memory.ts';
import type { ModelsView, ToPanel } from '../../../../webview/protocol.ts';
import { settle, silentLog } from '../../../fakes/fake_engine.ts';
import { HubServer, sha256 } from '../../../fakes/hub_server.ts';
import { embeddedModelPath } from '../../../support/embedded_model.ts';
import { ggufFile, openLibrary, tinyEntry } from '../../../support/model_library.ts';
import { temporaryDirectory } from '../../../support/temporary_directory.ts';

const device = {
  adapterName: 'Card',
  software: false,
  maxBufferBytes: 2 ** 32,
  storageBindingBytesMax: 2 ** 31,
  allocatableBytes: 8e9,
  allocatableIsLowerBound: false,
  bandwidthBytesPerSecond: 400e9,
};
let hub: HubServer;
const directory = temporaryDirectory();
beforeEach(async () => {
  hub = await HubServer.start();
  hub.repositories.set('maker/model-GGUF', {
    commit: 'a'.repeat(40),
    files: [ggufFile('Model-Q8_0.gguf', 40_000), ggufFile('Model-Q4_K_M.gguf', 20_000, 2)],
  });
});
afterEach(() => hub.stop());

async function setUp({
  dialogs = {},
  contextTokensMax = 0,
  ...more
}: {
  dialogs?: Partial<PageDialogs>;
  contextTokensMax?: number;
  remembered?: ModelsPageDeps['device']['remembered'];
  look?: ModelsPageDeps['device']['look'];
  use?: ModelsPageDeps['engine']['use'];
  switched?: ModelsPageDeps['engine']['switched'];
  library?: ModelsPageDeps['library'];
} = {}) {
  const library = more.library ?? (await openLibrary(directory, hub)).library;
  onTestFinished(() => library.close());
  const seen: (ModelsView | undefined)[] = [];
  const asked: Question[] = [];
  const used: string[] = [];
  const arrived: string[] = [];
  const revealed: string[] = [];
  let token: string | undefined;
  let current = '';
  let lengths: unknown;
  const contexts = new AutomaticContexts({
    get: () => lengths,
    set: async value => void (lengths = value),
  });
  const page = new ModelsPage({
    library,
    dialogs: {
      pickFile: async () => undefined,
      pickFolder: async () => undefined,
      confirm: async question => {
        asked.push(question);
        return true;
      },
      askToken: async () => undefined,
      reveal: async path => void revealed.push(path),
      openFolderSetting: async () => undefined,
      ...dialogs,
    },
    token: { get: async () => token, set: async value => void (token = value) },
    settings: () => ({ modelPath: current, contextTokensMax, modelsFolder: directory }),
    contexts,
    device: {
      remembered: more.remembered ?? (() => undefined),
      look: more.look ?? (async () => device),
    },
    engine: {
      use:
        more.use ??
        (async path => {
          used.push(path);
          current = path;
        }),
      switched: more.switched ?? (async () => undefined),
    },
    log: silentLog,
  });
  const panel = { isShown: true };
  onUnseenArrival(page, panel, ({ name }) => arrived.push(name));
  page.onMessage((message: ToPanel) => {
    if (message.type === 'models') seen.push(structuredClone(message.models));
  });
  return {
    page,
    panel,
    library,
    seen,
    asked,
    used,
    arrived,
    revealed,
    contexts,
    token: () => token,
    setCurrent: (path: string) => (current = path),
  };
}
type Stage = Awaited<ReturnType<typeof setUp>>;

/** Resolves with the page as soon as it is as wanted. */
function pageWhen({ page }: Stage, isWanted: (view: ModelsView) => boolean): Promise<ModelsView> {
  return new Promise(resolve => {
    const look = (view: ModelsView | undefined): void => {
      if (!view || !isWanted(view)) return;
      subscription.dispose();
      resolve(view);
    };
    const subscription = page.onMessage(message => message.type === 'models' && look(message.models));
    look(page.view);
  });
}
const arrivedDownload = (view: ModelsView): boolean =>
  view.downloads.some(({ phase, modelId }) => phase === 'done' && modelId !== undefined);
async function fetched(stage: Stage): Promise<{ view: ModelsView; modelId: string }> {
  await stage.page.open();
  await stage.page.act({ kind: 'download', entryId: 'model', label: 'Q8_0' });
  const view = await pageWhen(stage, arrivedDownload);
  return { view, modelId: view.downloads[0]?.modelId ?? '' };
}

describe('the model page', () => {
  test('is closed until it is opened, and says so when it is closed again', async () => {
    const { page, seen } = await setUp();
    expect(page.view).toBeUndefined();
    await page.open();
    expect(page.view).toBeDefined();
    await page.act({ kind: 'close' });
    expect(page.view).toBeUndefined();
    expect(seen.at(-1)).toBeUndefined();
  });

  test('shows what is there and what may be fetched, first at once, then with advice about this machine', async () => {
    const { page, seen } = await setUp();
    await page.open();
    expect(seen[0]?.device).toContain('not been looked at');
    expect(page.view?.device).toBe('Card · room for about 8.0 GB · 400 GB/s measured');
    expect(page.view?.installed).toMatchObject([{ id: 'embedded', current: true, removal: 'none' }]);
    // The model that comes with Hearth is not offered.
    expect(page.view?.catalogue.map(({ id }) => id)).toEqual(['model']);
    expect(page.view?.catalogue[0]?.variants.map(({ fit }) => fit?.verdict)).toEqual(['fits', 'fits']);
    expect(page.view?.catalogue[0]?.recommended).toBe(true);
  });

  test('advises from what was found last, before the engine has looked again', async () => {
    let look = (): void => undefined;
    const looked = new Promise<void>(resolve => (look = resolve));
    const stage = await setUp({
      remembered: () => ({ ...device, adapterName: 'Old card' }),
      look: () => looked.then(() => device),
    });
    const opening = stage.page.open();
    const view = await pageWhen(stage, ({ catalogue }) => catalogue[0]?.variants[0]?.fit?.verdict === 'fits');
    expect(view.device).toMatch(/^Old card/);
    look();
    await opening;
    expect(stage.page.view?.device).toMatch(/^Card/);
  });

  test('forgets what it knew of a GPU when another one was chosen, of which nothing is known yet', async () => {
    let remembered: typeof device | undefined = device;
    const stage = await setUp({ remembered: () => remembered, look: async () => remembered });
    await stage.page.open();
    expect(stage.page.view?.catalogue[0]?.variants[0]?.fit?.verdict).toBe('fits');
    remembered = undefined;
    await stage.page.settingsChanged();
    expect(stage.page.view?.catalogue[0]?.variants[0]?.fit?.verdict).toBe('unknown');
    expect(stage.page.view?.device).toContain('not been looked at');
  });

  test('tells when a dialog is gone, before what takes its time with the answer', async () => {
    const stage = await setUp({
      dialogs: { pickFile: async () => '/nowhere.gguf', confirm: async () => false },
    });
    const { modelId } = await fetched(stage);
    /** What was said of the file so far, whenever a dialog is gone. */
    const problems: unknown[] = [];
    stage.page.onDidCloseDialog(() => problems.push(stage.page.view?.problem));
    await stage.page.act({ kind: 'addFile' });
    expect(problems).toEqual([undefined]);
    expect(stage.page.view?.problem).toBeDefined();
    for (const kind of ['addFolder', 'importFolder', 'token'] as const) await stage.page.act({ kind });
    await stage.page.act({ kind: 'remove', modelId });
    expect(problems).toHaveLength(5);
    await stage.page.act({ kind: 'folderSetting' });
    expect(problems).toHaveLength(5);
  });

  test('gives no advice it cannot give when there is no GPU to look at, and suggests nothing', async () => {
    const { page } = await setUp({ look: async () => undefined });
    await page.open();
    expect(page.view?.catalogue[0]?.variants[0]?.fit?.verdict).toBe('unknown');
    expect(page.view?.catalogue[0]?.recommended).toBe(false);
  });

  test('takes what has arrived off the list when the model is deleted', async () => {
    const stage = await setUp();
    const { view, modelId } = await fetched(stage);
    expect(view.downloads[0]).toMatchObject({ phase: 'done', modelId });
    await stage.page.act({ kind: 'remove', modelId });
    expect(stage.page.view?.downloads).toEqual([]);
    expect(stage.asked.at(-1)?.detail).toBe('0 MB are freed.');
  });

  test('fetches a model, shows it arrive, and uses it', async () => {
    const stage = await setUp();
    const { view, modelId } = await fetched(stage);
    expect(stage.seen.some(one => one?.catalogue[0]?.variants[0]?.state === 'arriving')).toBe(true);
    expect(view.catalogue[0]?.variants[0]).toMatchObject({ state: 'installed', modelId });
    expect(view.installed.find(({ id }) => id === modelId)).toMatchObject({
      origin: 'maker/model-GGUF at aaaaaaa',
      removal: 'delete',
      current: false,
    });
    const { content } = ggufFile('', 40_000);
    const made = {
      revision: 'a'.repeat(40),
      licence: 'Apache-2.0',
      files: [{ name: 'Model-Q8_0.gguf', bytes: 40_000, sha256: sha256(content) }],
    };
    expect(view.installed.find(({ id }) => id === modelId)?.files).toEqual(made);
    expect(view.downloads[0]?.files).toEqual(made);
    expect(stage.seen.find(one => one?.downloads.length === 1)?.downloads[0]?.files).toBeUndefined();
    await stage.page.act({ kind: 'use', modelId });
    expect(stage.used).toEqual([stage.library.list().find(({ id }) => id === modelId)?.path]);
    expect(stage.page.view?.catalogue[0]?.variants[0]?.state).toBe('current');
    expect(stage.page.view?.installed.map(({ current }) => current)).toEqual([false, true]);
    expect(stage.arrived).toEqual([]);
    // Its arrival is no news any more.
    expect(stage.page.view?.downloads).toEqual([]);
  });

  test('tells of a model that arrives while nobody looks', async () => {
    const hidden = await setUp();
    hidden.panel.isShown = false;
    await fetched(hidden);
    expect(hidden.arrived).toEqual(['Model (Q8_0)']);
    const closed = await setUp();
    await closed.page.open();
    await closed.page.act({ kind: 'close' });
    const arrived = new Promise<void>(resolve => closed.page.onDidArrive(() => resolve()));
    await closed.page.act({ kind: 'download', entryId: 'model', label: 'Q8_0' });
    await arrived;
    expect(closed.arrived).toEqual(['Model (Q8_0)']);
  });

  test('checks a model, and says what is wrong with a damaged one', async () => {
    const stage = await setUp();
    const { modelId } = await fetched(stage);
    const checked = () => stage.page.view?.installed.find(({ id }) => id === modelId)?.checked;
    await stage.page.act({ kind: 'verify', modelId });
    expect(checked()).toEqual({ ok: true, text: 'Checked: every file is as it was published.' });
    writeFileSync(stage.library.revealPath(modelId), 'damaged');
    await stage.page.act({ kind: 'verify', modelId });
    expect(checked()?.ok).toBe(false);
    expect(checked()?.text).toContain('Model-Q8_0.gguf');
  });

  test('shows a model in the file manager', async () => {
    const stage = await setUp();
    const { modelId } = await fetched(stage);
    await stage.page.act({ kind: 'reveal', modelId });
    expect(existsSync(stage.revealed[0] ?? '')).toBe(true);
  });

  test('deletes only after a question, and goes back to the model that comes with Hearth when it was in use', async () => {
    let agrees = false;
    const asked: Question[] = [];
    const confirm = async (question: Question): Promise<boolean> => {
      asked.push(question);
      return agrees;
    };
    const stage = await setUp({ dialogs: { confirm } });
    const { modelId } = await fetched(stage);
    await stage.page.act({ kind: 'use', modelId });
    await stage.page.act({ kind: 'remove', modelId });
    expect(stage.page.view?.installed.length).toBe(2);
    agrees = true;
    await stage.page.act({ kind: 'remove', modelId });
    expect(asked[0]?.message).toMatch(/^Delete /);
    expect(asked[0]?.detail).toContain('It is in use');
    expect(stage.used.at(-1)).toBe('');
    expect(stage.page.view?.installed.map(({ id }) => id)).toEqual(['embedded']);
    expect(stage.page.view?.catalogue[0]?.variants[0]?.state).toBe('available');
  });

  describe('a model whose whole context does not fit', () => {
    /** As much as the weights, what is always there, and a context of `tokens` take. */
    const roomFor = (tokens: number) => {
      const { shape } = tinyEntry;
      return { ...device, allocatableBytes: 40_000 + fixedBytes(shape) + cacheBytes(shape, tokens) };
    };

    test('is used with what fits, and the page says so', async () => {
      const stage = await setUp({ look: async () => roomFor(8192) });
      const { modelId } = await fetched(stage);
      const row = () => stage.page.view?.installed.find(({ id }) => id === modelId);
      await pageWhen(stage, () => row()?.fit?.verdict === 'fits-short-context');
      expect(row()?.context).toBeUndefined();
      await stage.page.act({ kind: 'use', modelId });
      expect(stage.contexts.of(stage.used[0] ?? '')).toBe(8192);
      expect(row()?.context).toEqual({ tokens: 8192, bound: { by: 'machine', modelTokens: 32_768 } });
    });

    test('is used with all of it again when there is more room', async () => {
      let now = roomFor(8192);
      const stage = await setUp({ look: async () => now });
      const { modelId } = await fetched(stage);
      await stage.page.act({ kind: 'use', modelId });
      now = device;
      await stage.page.open();
      await stage.page.act({ kind: 'use', modelId });
      expect(stage.contexts.of(stage.used[0] ?? '')).toBeUndefined();
    });

    test('keeps what was found when nothing is known of the machine now', async () => {
      const stage = await setUp({ look: async () => undefined });
      const { modelId } = await fetched(stage);
      const path = stage.library.revealPath(modelId);
      await stage.contexts.set(path, 4096);
      await stage.page.act({ kind: 'use', modelId });
      expect(stage.contexts.of(path)).toBe(4096);
    });

    test('shows the setting instead where there is one, and forgets with the model', async () => {
      const stage = await setUp({ look: async () => roomFor(8192), contextTokensMax: 2048 });
      const { modelId } = await fetched(stage);
      await stage.page.act({ kind: 'use', modelId });
      const path = stage.used[0] ?? '';
      expect(stage.page.view?.installed.find(({ current }) => current)?.context).toEqual({
        tokens: 2048,
        bound: { by: 'setting', modelTokens: 32_768 },
      });
      expect(stage.page.contextBound({ contextTokensMax: 2048, contextTokensTrained: 32_768 })?.by).toBe(
        'setting',
      );
      expect(stage.page.contextBound({ contextTokensMax: 1024, contextTokensTrained: 32_768 })?.by).toBe(
        'machine',
      );
      expect(stage.page.contextBound({ contextTokensMax: 2048, contextTokensTrained: 2048 })).toBeUndefined();
      await stage.page.act({ kind: 'remove', modelId });
      expect(stage.contexts.of(path)).toBeUndefined();
    });
  });

  test('deletes a model in use only when the engine has let go of it', async () => {
    let letGo = (): void => undefined;
    const stage = await setUp({ switched: () => new Promise(resolve => (letGo = resolve)) });
    const { modelId } = await fetched(stage);
    await stage.page.act({ kind: 'use', modelId });
    const path = stage.library.revealPath(modelId);
    const removing = stage.page.act({ kind: 'remove', modelId });
    await pageWhen(stage, ({ installed }) => installed[0]?.current === true);
    await settle();
    expect(existsSync(path)).toBe(true);
    letGo();
    await removing;
    expect(existsSync(path)).toBe(false);
    expect(stage.page.view?.problem).toBeUndefined();
  });

  test('does not delete what the setting still names after the switch', async () => {
    const stage = await setUp({ use: async () => undefined });
    const { modelId } = await fetched(stage);
    stage.setCurrent(stage.library.revealPath(modelId));
    await stage.page.act({ kind: 'remove', modelId });
    expect(stage.page.view?.problem?.message).toContain('hearth.model.path');
    expect(existsSync(stage.library.revealPath(modelId))).toBe(true);
  });

  test('knows the model in use by any spelling of its path', async () => {
    const stage = await setUp();
    const { modelId } = await fetched(stage);
    const path = stage.library.revealPath(modelId);
    const link = join(directory, 'link');
    symlinkSync(dirname(path), link);
    stage.setCurrent(join(link, basename(path)));
    await stage.page.open();
    expect(stage.page.view?.installed.map(({ id, current }) => [id, current])).toEqual([
      ['embedded', false],
      [modelId, true],
    ]);
    expect(stage.page.view?.catalogue[0]?.variants[0]?.state).toBe('current');
  });

  test('knows the model in use by a later part of its files', async () => {
    const path = (part: number) => join(directory, `split-0000${part}-of-00002.gguf`);
    for (const part of [1, 2]) writeFileSync(path(part), ggufFile('', 2000).content);
    const stage = await setUp();
    stage.setCurrent(path(2));
    await stage.page.open();
    expect(stage.page.view?.installed.find(({ current }) => current)?.origin).toBe(path(1));
    await stage.page.open();
    expect(stage.page.view?.installed.length).toBe(2);
  });

  test('lists what a repository holds, and fetches one of its files', async () => {
    const stage = await setUp();
    await stage.page.open();
    await stage.page.act({ kind: 'lookUp', reference: 'maker/model-GGUF' });
    expect(stage.seen.some(one => one?.lookUp.state === 'asking')).toBe(true);
    const { lookUp } = stage.page.view as ModelsView;
    expect(lookUp).toMatchObject({ state: 'found', title: 'maker/model-GGUF at aaaaaaa' });
    const labels = lookUp.variants.map(({ label }) => label);
    expect(labels.sort()).toEqual(['Q4_K_M', 'Q8_0']);
    expect(lookUp.variants.find(({ label }) => label === 'Q8_0')?.files).toEqual({
      revision: 'a'.repeat(40),
      licence: 'apache-2.0',
      files: [{ name: 'Model-Q8_0.gguf', bytes: 40_000, sha256: sha256(ggufFile('', 40_000).content) }],
    });
    await stage.page.act({ kind: 'downloadFound', label: 'Q4_K_M' });
    const view = await pageWhen(stage, arrivedDownload);
    const state = (one: ModelsView) => one.lookUp.variants.find(({ label }) => label === 'Q4_K_M')?.state;
    expect(state(view)).toBe('installed');
    // A newer commit with other bytes is another model.
    hub.repositories.set('maker/model-GGUF', {
      commit: 'b'.repeat(40),
      files: [ggufFile('Model-Q4_K_M.gguf', 20_000, 3)],
    });
    await stage.page.act({ kind: 'lookUp', reference: 'maker/model-GGUF' });
    expect(state(stage.page.view as ModelsView)).toBe('available');
  });

  test('says why a repository cannot be listed, and when a token may help', async () => {
    hub.repositories.set('maker/secret', { commit: 'b'.repeat(40), files: [], token: 'hf_right' });
    let given: string | undefined = 'hf_right';
    const stage = await setUp({ dialogs: { askToken: async () => given } });
    await stage.page.open();
    await stage.page.act({ kind: 'lookUp', reference: 'maker/secret' });
    expect(stage.page.view?.lookUp).toMatchObject({ state: 'failed', needsToken: true });
    await stage.page.act({ kind: 'token' });
    expect([stage.token(), stage.page.view?.hasToken]).toEqual(['hf_right', true]);
    given = undefined;
    await stage.page.act({ kind: 'token' });
    expect(stage.token()).toBe('hf_right');
    given = '';
    await stage.page.act({ kind: 'token' });
    expect([stage.token(), stage.page.view?.hasToken]).toEqual([undefined, false]);
  });

  test('a late answer about a repository does not replace a later one', async () => {
    const { library } = await openLibrary(directory, hub);
    onTestFinished(() => library.close());
    const waiting: (() => void)[] = [];
    library.lookUp = async reference => {
      await new Promise<void>(resolve => waiting.push(resolve));
      return { repository: reference, revision: 'c'.repeat(40), gated: false, textOnly: false, choices: [] };
    };
    const stage = await setUp({ library });
    await stage.page.open();
    const first = stage.page.act({ kind: 'lookUp', reference: 'a/first' });
    const second = stage.page.act({ kind: 'lookUp', reference: 'a/second' });
    waiting[1]?.();
    await second;
    waiting[0]?.();
    await first;
    expect(stage.page.view?.lookUp.reference).toBe('a/second');
  });

  test('a later question about a repository ends the request of an earlier one', async () => {
    const stage = await setUp();
    await stage.page.open();
    let ended = (): void => undefined;
    const first = new Promise<void>(resolve => (ended = resolve));
    const reached = new Promise<void>(resolve => {
      hub.fault = (seen, response) => {
        if (!seen.path.includes('first')) return false;
        response.on('close', ended);
        resolve();
        return true;
      };
    });
    void stage.page.act({ kind: 'lookUp', reference: 'maker/first' });
    await reached;
    await stage.page.act({ kind: 'lookUp', reference: 'maker/model-GGUF' });
    await first;
    expect(stage.page.view?.lookUp).toMatchObject({ reference: 'maker/model-GGUF', state: 'found' });
  });

  test('uses a file where it is, and takes it off the list without touching it', async () => {
    const path = join(directory, 'mine.gguf');
    writeFileSync(path, ggufFile('mine.gguf', 2000).content);
    const stage = await setUp({ dialogs: { pickFile: async () => path } });
    await stage.page.open();
    await stage.page.act({ kind: 'addFile' });
    expect(stage.used).toEqual([path]);
    const added = stage.page.view?.installed.find(({ current }) => current);
    expect(added).toMatchObject({ origin: path, removal: 'forget' });
    await stage.page.act({ kind: 'remove', modelId: added?.id ?? '' });
    expect(existsSync(path)).toBe(true);
    expect(stage.page.view?.installed.length).toBe(1);
  });

  test('advises about a file on disk too, and uses it with the context that fits', async () => {
    const path = join(directory, 'own.gguf');
    copyFileSync(embeddedModelPath, path);
    const stage = await setUp({ dialogs: { pickFile: async () => path } });
    await stage.page.open();
    await stage.page.act({ kind: 'addFile' });
    expect(stage.page.view?.installed.at(-1)?.fit).toMatchObject({ verdict: 'fits', rough: true });
    const [model] = stage.library.list().slice(-1);
    const room = fixedBytes(model!.shape!) + cacheBytes(model!.shape!, 16_384) + model!.bytes;
    const small = await setUp({
      dialogs: { pickFile: async () => path },
      look: async () => ({ ...device, allocatableBytes: room }),
    });
    await small.page.open();
    await small.page.act({ kind: 'addFile' });
    expect(small.contexts.of(path)).toBe(16_384);
    expect(small.page.view?.installed.at(-1)?.context?.tokens).toBe(16_384);
  });

  test('lists the model in use even when it was set by hand', async () => {
    const path = join(directory, 'by-hand.gguf');
    writeFileSync(path, ggufFile('by-hand.gguf', 2000).content);
    const stage = await setUp();
    stage.setCurrent(path);
    await stage.page.open();
    expect(stage.page.view?.installed.find(({ current }) => current)?.origin).toBe(path);
  });

  test('imports a model from a folder', async () => {
    const folder = join(directory, 'stick');
    mkdirSync(folder);
    writeFileSync(join(folder, 'stick.gguf'), ggufFile('stick.gguf', 3000).content);
    const stage = await setUp({ dialogs: { pickFolder: async () => folder } });
    await stage.page.open();
    await stage.page.act({ kind: 'importFolder' });
    const view = await pageWhen(stage, arrivedDownload);
    expect(view.downloads[0]).toMatchObject({ kind: 'import', phase: 'done' });
    // Nobody has published a hash of it.
    expect(view.installed.at(-1)?.files).toEqual({ files: [{ name: 'stick.gguf', bytes: 3000 }] });
  });

  test('shows what goes wrong until it is dismissed', async () => {
    const stage = await setUp();
    await stage.page.open();
    await stage.page.act({ kind: 'use', modelId: 'gone' });
    expect(stage.page.view?.problem?.message).toContain('not there any more');
    await stage.page.act({ kind: 'downloadFound', label: 'Q9' });
    expect(stage.page.view?.problem?.message).toContain('ask for it again');
    await stage.page.act({ kind: 'dismissProblem' });
    expect(stage.page.view?.problem).toBeUndefined();
  });

  test('shows a closed dialog as nothing at all', async () => {
    const stage = await setUp();
    await stage.page.open();
    for (const kind of ['addFile', 'addFolder', 'importFolder', 'token'] as const)
      await stage.page.act({ kind });
    expect(stage.page.view).toMatchObject({ downloads: [], problem: undefined });
    expect(stage.used).toEqual([]);
  });

  test('a failed download says why and can be tried again', async () => {
    const stage = await setUp();
    await stage.page.open();
    hub.fault = (_seen, response) => {
      response.writeHead(403).end();
      return true;
    };
    await stage.page.act({ kind: 'download', entryId: 'model', label: 'Q8_0' });
    const view = await pageWhen(stage, ({ downloads }) => downloads[0]?.phase === 'failed');
    expect(view.downloads[0]).toMatchObject({ needsToken: true });
    expect(view.downloads[0]?.problem?.remedy).not.toBe('');
    hub.fault = undefined;
    await stage.page.act({ kind: 'resume', downloadId: view.downloads[0]?.id ?? '' });
    const { downloads } = await pageWhen(stage, arrivedDownload);
    expect(downloads[0]?.id).toBe(view.downloads[0]?.id);
    await stage.page.act({ kind: 'cancel', downloadId: view.downloads[0]?.id ?? '' });
    expect(stage.page.view?.downloads).toEqual([]);
    expect(stage.page.view?.installed.length).toBe(2);
    expect(stage.asked).toEqual([]);
  });
});
