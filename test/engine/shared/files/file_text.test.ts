import { expect, test } from 'vitest';
import { textOf } from '../../../../engine/shared/files/file_text.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const latin = new Uint8Array([0x4d, 0xfc, 0x6c, 0x6c]);

test('bytes that say what they are need nobody who knows more', async () => {
  expect(await textOf('a.txt', bytes('\uFEFFa\r\nb'))).toBe('a\nb');
  expect(await textOf('a.txt', latin)).toBeUndefined();
});

test('other encodings are those of the editor, where what they give is whole', async () => {
  const decode = async (_path: string, given: Uint8Array): Promise<string> =>
    new TextDecoder('latin1').decode(given);
  expect(await textOf('a.txt', latin, decode)).toBe('Müll');
  expect(await textOf('a.txt', latin, async () => 'M\uFFFDll')).toBeUndefined();
  expect(await textOf('a.txt', new Uint8Array([0, 0xfc]), decode)).toBeUndefined();
});

test('of a notebook the cells are read', async () => {
  const cells = [{ cell_type: 'code', source: 'a = 1\n', metadata: {}, outputs: [] }];
  const text = await textOf('a.ipynb', bytes(JSON.stringify({ cells })));
  expect(text).toContain('a = 1');
  expect(text).not.toContain('cell_type');
});
