import { describe, expect, test } from 'vitest';
import {
  fileCharsMax,
  folderCharsMax,
  readAround,
  readContent,
  readLive,
  readPaste,
  readSelection,
  readSymbol,
  readTerminal,
} from '../../../extension/context/read.ts';
import { fakeSources, order, selected } from './sources.ts';

const uri = order.uri;

describe('what is attached', () => {
  test('is a file whole, with its name and lines', async () => {
    expect(await readLive({ kind: 'file', uri }, fakeSources())).toEqual({
      attachment: {
        type: 'attachment',
        kind: 'file',
        name: 'src/order.ts',
        uri,
        range: { startLine: 1, endLine: 4 },
        languageId: 'typescript',
        text: order.text,
        byUser: true,
      },
      notes: [],
    });
  });

  test('of a long file is its beginning, and that is said', async () => {
    const text = `${'x'.repeat(99)}\n`.repeat(fileCharsMax / 100 + 1);
    const read = await readLive({ kind: 'file', uri }, fakeSources({ [uri]: text }));
    expect(read.attachment).toMatchObject({
      kind: 'selection',
      name: 'src/order.ts:1-2000',
      range: { startLine: 1, endLine: 2000 },
    });
    expect(read.attachment.text.length).toBeLessThanOrEqual(fileCharsMax);
    expect(read.notes).toEqual(['src/order.ts is long: the model gets lines 1 to 2,000.']);
  });

  test('is a secret file when the user has named it, and that is said', async () => {
    const secret = 'file:///w/.env';
    const read = await readLive({ kind: 'file', uri: secret }, fakeSources({ [secret]: 'KEY=1' }));
    expect(read).toMatchObject({ attachment: { text: 'KEY=1' }, notes: ['.env may hold secrets.'] });
    const text = `a\ntoken = "ghp_${'a'.repeat(36)}"\nb`;
    const sources = fakeSources({ [order.uri]: text });
    const notes = ['src/order.ts may hold secrets.'];
    expect(await readLive({ kind: 'file', uri: order.uri }, sources)).toMatchObject({ notes });
    const symbol = { kind: 'symbol', name: 'f', uri: order.uri, startLine: 1, endLine: 3 } as const;
    expect(await readSymbol(symbol, sources)).toMatchObject({ notes });
    expect(await readSymbol({ ...symbol, endLine: 1 }, sources)).toMatchObject({ notes: [] });
    const selection = { text, startLine: 1, endLine: 3 };
    expect(readSelection({ ...order, text, selection })).toMatchObject({ notes });
    expect(readContent('a.txt', text)).toMatchObject({ notes: ['a.txt may hold secrets.'] });
  });

  test('of a folder are its files, as far as they fit, and what is missing is named', async () => {
    const files = {
      'file:///w/src/a': 'a\n',
      'file:///w/src/b': 'x'.repeat(folderCharsMax),
      'file:///w/src/c': 'c',
    };
    expect(await readLive({ kind: 'folder', uri: 'file:///w/src' }, fakeSources(files))).toMatchObject({
      attachment: { kind: 'folder', name: 'src/', text: '=== src/a ===\na\n\n=== src/c ===\nc\n' },
      notes: ['Of src, 2 files are not given: src/.env, src/b.'],
    });
    await expect(readLive({ kind: 'folder', uri: 'file:///w/src' }, fakeSources({}))).rejects.toThrow(
      'No file in src can be attached',
    );
  });

  test('are the changes with what the user should know of them', async () => {
    expect(await readLive({ kind: 'changes' }, fakeSources())).toMatchObject({
      attachment: { kind: 'changes', name: 'Staged changes', languageId: 'diff', text: '+a' },
      notes: ['Cut.'],
    });
  });

  test('are problems; without one there is an error', async () => {
    const problem = { severity: 'error', message: 'no', startLine: 3, endLine: 3 } as const;
    const problems = () => [{ path: 'a.ts', uri: 'file:///w/a.ts', problems: [problem] }];
    expect(await readLive({ kind: 'problems' }, fakeSources({}, { problems }))).toMatchObject({
      attachment: { kind: 'problems', text: 'a.ts:3: error: no' },
    });
    await expect(readLive({ kind: 'problems' }, fakeSources())).rejects.toThrow('no problems');
  });

  test('is the selection; without one there is an error', () => {
    expect(readSelection(selected).attachment).toMatchObject({
      name: 'src/order.ts:2-3',
      range: { startLine: 2, endLine: 3 },
      text: 'two\nthree',
    });
    expect(() => readSelection(order)).toThrow('Nothing is selected');
    expect(() => readSelection(undefined)).toThrow('No file is open');
  });

  test('are the lines of a symbol, even when the file has become shorter', async () => {
    const symbol = { kind: 'symbol', uri, name: 'total', startLine: 3, endLine: 9 } as const;
    expect((await readSymbol(symbol, fakeSources())).attachment).toMatchObject({
      name: 'total (src/order.ts:3-4)',
      text: 'three\nfour',
    });
  });

  test('is the last command of the terminal with its output and how it ended', () => {
    expect(readTerminal(fakeSources())).toMatchObject({
      attachment: { kind: 'terminal', name: 'bash: npm test', text: '$ npm test\nfailed\n(exit code 1)' },
      notes: ['The beginning of what "npm test" said is missing: it is too long.'],
    });
  });

  test('is a pasted text by its number of lines, and a file from elsewhere by its name', () => {
    expect(readPaste('a').attachment.name).toBe('Pasted text, 1 line');
    expect(readPaste('a\nb').attachment.name).toBe('Pasted text, 2 lines');
    expect(readContent('a.txt', 'x').attachment).toMatchObject({
      kind: 'file',
      name: 'a.txt',
      uri: '',
      text: 'x',
    });
  });
});

describe('the file in the editor', () => {
  test('comes whole when it is short, and as what is selected', () => {
    expect(readAround(order, 1000).attachment).toMatchObject({ kind: 'file', name: 'src/order.ts' });
    expect(readAround(selected, 1000).attachment).toMatchObject({
      name: 'src/order.ts:2-3',
      text: 'two\nthree',
    });
  });

  test('comes as what is around the cursor when it is long, and that is said', () => {
    expect(readAround(order, 10)).toMatchObject({
      attachment: { kind: 'selection', name: 'src/order.ts:1-2', text: 'one\ntwo' },
      notes: ['src/order.ts is long: the model gets lines 1 to 2.'],
    });
  });
});
