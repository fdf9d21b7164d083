import { expect, test } from 'vitest';
import { withEditor } from '../../../extension/context/collect.ts';
import { readAround, readPaste } from '../../../extension/context/read.ts';
import { order } from './sources.ts';

const editor = readAround(order, 1000);
const pasted = readPaste('x');
const nothing = { parts: [] };
const names = (result: ReturnType<typeof withEditor>): string[] => result.attached.map(({ name }) => name);

test('the file in the editor comes before what is attached', () => {
  expect(names(withEditor([pasted], editor, nothing, []))).toEqual(['src/order.ts', 'Pasted text, 1 line']);
  expect(names(withEditor([pasted], undefined, nothing, []))).toEqual(['Pasted text, 1 line']);
});

test('not when the user or a command has attached it', () => {
  const selection = { ...editor, attachment: { ...editor.attachment, name: 'src/order.ts:1-2' } };
  expect(names(withEditor([selection], editor, nothing, []))).toEqual(['src/order.ts:1-2']);
  expect(
    names(withEditor([], editor, { parts: [{ ...selection.attachment, kind: 'selection' }] }, [])),
  ).toEqual([]);
});

test('not again in a conversation, as long as its text is the same', () => {
  const said = [{ role: 'user', parts: [editor.attachment] }, { role: 'summary' }];
  expect(names(withEditor([], editor, nothing, said))).toEqual([]);
  const changed = { ...editor, attachment: { ...editor.attachment, text: 'changed' } };
  expect(names(withEditor([], changed, nothing, said))).toEqual(['src/order.ts']);
});

test('notes are those of what comes along', () => {
  const noted = { ...editor, notes: ['It is long.'] };
  expect(withEditor([{ ...pasted, notes: ['Odd.'] }], noted, nothing, []).notes).toEqual([
    'It is long.',
    'Odd.',
  ]);
  expect(withEditor([], noted, nothing, [{ role: 'user', parts: [editor.attachment] }]).notes).toEqual([]);
});
