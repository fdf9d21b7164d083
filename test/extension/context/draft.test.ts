import { describe, expect, test } from 'vitest';
import type { DraftView } from '../../../webview/protocol.ts';
import type { Attachment } from '../../../extension/context/attachment.ts';
import { Draft, type DraftDeps } from '../../../extension/context/draft.ts';
import { EditorChip } from '../../../extension/context/editor_chip.ts';
import { TokenCounts } from '../../../extension/context/token_counts.ts';
import type { EditorFile } from '../../../extension/prompts/facts.ts';
import { fakeSources, order, selected } from './sources.ts';

function setUp(more: Partial<DraftDeps> = {}, active?: EditorFile) {
  let kept: unknown;
  const editor = new EditorChip({
    activeFile: () => active,
    isTrusted: () => true,
    isWanted: () => true,
    contextTokens: () => 0,
  });
  const files: Record<string, string> = { [order.uri]: order.text };
  const deps: DraftDeps = {
    sources: fakeSources(files, { activeFile: () => selected }),
    editor,
    counts: new TokenCounts(async () => undefined),
    vision: () => 'unusedVision',
    stored: { get: () => kept, set: async value => void (kept = JSON.parse(JSON.stringify(value ?? null))) },
    warn: message => expect.fail(message),
    ...more,
  };
  const draft = new Draft(deps);
  const views: DraftView[] = [];
  draft.onDidChangeView(view => views.push(view));
  const labels = (): string[] => draft.view.attachments.map(({ label }) => label);
  return { draft, files, views, labels, deps, editor };
}
const content = (name: string, data: Uint8Array | undefined, mimeType = '', bytes = data?.length ?? 9) =>
  ({
    kind: 'content',
    name,
    mimeType,
    bytes,
    ...(data && { data: Buffer.from(data).toString('base64') }),
  }) as const;
const text = (value: string) => new TextEncoder().encode(value);

describe('what comes with the next question', () => {
  test('is shown with its size, and read again when the message is sent', async () => {
    const { draft, files, views } = setUp();
    await draft.attach({ kind: 'file', uri: order.uri });
    expect(views.at(-1)?.attachments).toMatchObject([
      { kind: 'file', label: 'src/order.ts', tokens: 5, estimated: true },
    ]);
    files[order.uri] = 'changed';
    expect((await draft.collect()).map(({ attachment }) => attachment.text)).toEqual(['changed']);
  });

  test('what is to be attached to another question is read, and leaves this one as it is', async () => {
    const { draft } = setUp();
    const good = [
      { kind: 'file', uri: order.uri },
      { kind: 'paste', text: 'a\nb' },
    ] as const;
    const { read, failure } = await draft.read(good);
    expect(read.map(({ attachment }) => attachment.text)).toEqual([order.text, 'a\nb']);
    expect(failure).toBeUndefined();
    expect(draft.view.attachments).toEqual([]);
    const picture = { kind: 'content', name: 'a.png', mimeType: 'image/png', bytes: 3 } as const;
    const partly = await draft.read([picture, ...good, { kind: 'file', uri: 'file:///w/gone' }]);
    expect(partly.read).toEqual(read);
    expect(String(partly.failure)).toContain('a.png');
  });

  test('a selection stays what it was', async () => {
    let file: EditorFile = selected;
    const { draft } = setUp({ sources: fakeSources({}, { activeFile: () => file }) });
    await draft.attach({ kind: 'selection' });
    file = order;
    expect((await draft.collect())[0]?.attachment.text).toBe('two\nthree');
  });

  test('the same thing is there once', async () => {
    const { draft, labels } = setUp();
    await draft.attach({ kind: 'file', uri: order.uri });
    await draft.attach({ kind: 'paste', text: 'one' });
    await draft.attach({ kind: 'file', uri: order.uri });
    await draft.attach({ kind: 'paste', text: 'two' });
    expect(labels()).toEqual(['src/order.ts', 'Pasted text, 1 line', 'Pasted text, 1 line']);
  });

  test('a message that is sent while something is read waits for it', async () => {
    let go = (): void => undefined;
    const until = new Promise<void>(resolve => (go = resolve));
    const sources = fakeSources();
    const { draft } = setUp({
      sources: { ...sources, file: async uri => (await until, sources.file(uri)) },
    });
    const attaching = draft.attach({ kind: 'file', uri: order.uri });
    const collected = draft.collect();
    go();
    await attaching;
    expect(await collected).toHaveLength(1);
  });

  test('what is dropped may be files, folders and pictures; each is what it is', async () => {
    const { draft } = setUp();
    await draft.attach({ kind: 'places', uris: [order.uri, 'file:///w/src', 'file:///w/a%20b.png'] });
    expect(draft.view.attachments).toMatchObject([
      { kind: 'file' },
      { kind: 'folder', label: 'src/' },
      { kind: 'picture', label: 'a b.png' },
    ]);
  });

  test('a picture is kept, and the message is refused with the true reason', async () => {
    const { draft, labels, deps } = setUp();
    await draft.attach(content('a.png', undefined, 'image/png', 7_000_000));
    await expect(draft.collect()).rejects.toThrow("Hearth cannot use this model's vision part yet");
    expect(labels()).toEqual(['a.png']);
    deps.vision = () => 'noVision';
    await expect(draft.collect()).rejects.toThrow('this model cannot see pictures');
  });

  test('a file from elsewhere is its text; one that is none is refused with the reason', async () => {
    const { draft, labels } = setUp();
    await draft.attach(content('a.txt', text('hello')));
    expect((await draft.collect())[0]?.attachment).toMatchObject({ name: 'a.txt', text: 'hello' });
    await expect(draft.attach(content('b.txt', new Uint8Array([0, 1])))).rejects.toThrow(
      'b.txt is not a text file',
    );
    await expect(draft.attach(content('c.zip', text('PK')))).rejects.toThrow('c.zip is not a text file');
    await expect(draft.attach(content('d.txt', undefined, '', 9_000_000))).rejects.toThrow(
      'larger than 1024 KB',
    );
    await expect(draft.attach(content('folder', undefined))).rejects.toThrow('it may be a folder');
    expect(labels()).toEqual(['a.txt']);
  });

  test('what cannot be read any more is told when the message is sent, and stays', async () => {
    const { draft, files, labels } = setUp();
    await draft.attach({ kind: 'file', uri: order.uri });
    delete files[order.uri];
    await expect(draft.collect()).rejects.toThrow('gone');
    expect(labels()).toEqual(['src/order.ts']);
  });

  test('can be removed, and comes back with a question that was not sent', async () => {
    const { draft, labels } = setUp();
    await draft.attach({ kind: 'terminal' });
    const attachments = (await draft.collect()).map(({ attachment }): Attachment => attachment);
    draft.remove(draft.view.attachments[0]?.id ?? '');
    expect(labels()).toEqual([]);
    draft.restore(attachments);
    draft.restore(attachments);
    expect(labels()).toEqual(['bash: npm test']);
    const sent = (await draft.collect()).map(({ id }) => id);
    await draft.attach({ kind: 'paste', text: 'later' });
    draft.clear(sent);
    expect(labels()).toEqual(['Pasted text, 1 line']);
  });

  test('is there in the next window, and what was kept otherwise is passed over', async () => {
    const { draft, deps } = setUp();
    await draft.attach({ kind: 'file', uri: order.uri });
    await draft.attach({ kind: 'paste', text: 'one' });
    await draft.attach({ kind: 'places', uris: ['file:///w/a.png'] });
    const next = new Draft(deps);
    expect(next.view.attachments.map(({ label }) => label)).toEqual([
      'src/order.ts',
      'Pasted text, 1 line',
      'a.png',
    ]);
    expect(
      new Draft({ ...deps, stored: { ...deps.stored, get: () => [{ text: 7 }] } }).view.attachments,
    ).toEqual([]);
  });
});

describe('the file in the editor', () => {
  test('is shown apart, unless it is attached', async () => {
    const { draft } = setUp({}, order);
    expect(draft.view).toMatchObject({ attachments: [], editor: { id: 'editor', label: 'src/order.ts' } });
    await draft.attach({ kind: 'file', uri: order.uri });
    expect(draft.view.editor).toBeUndefined();
  });

  test('can be dropped like the others', () => {
    const { draft, views } = setUp({}, order);
    draft.remove('editor');
    expect(views.at(-1)).toEqual({ attachments: [] });
  });
});
