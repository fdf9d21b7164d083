import { expect, test } from 'vitest';
import { isEditedText, isUsersText, isWrittenText } from '../../extension/text_schemes.ts';

test.each([
  ['file', true, true],
  ['untitled', true, true],
  ['vscode-notebook-cell', true, true],
  ['git', true, false],
  ['debug', true, false],
  ['output', false, false],
  ['hearth-before', false, false],
  ['hearth-branch', false, false],
  ['hearth-prompt', false, false],
])('%s: asked about %s, edited %s', (scheme, asked, edited) => {
  expect([isUsersText({ scheme }), isEditedText({ scheme })]).toEqual([asked, edited]);
});

test('suggestions are for files, new documents and cells of notebooks, on this machine or on another', () => {
  for (const scheme of ['file', 'untitled', 'vscode-notebook-cell', 'vscode-remote', 'vscode-vfs'])
    expect(
      isWrittenText({ scheme }, () => undefined),
      scheme,
    ).toBe(true);
});

test('and for file systems of extensions that can be written to', () => {
  const isWritable = (scheme: string) => ({ memfs: true, archive: false })[scheme];
  const schemes = ['memfs', 'archive', 'unknown'];
  expect(schemes.map(scheme => isWrittenText({ scheme }, isWritable))).toEqual([true, false, false]);
});

test.each(
  'chatSessionInput vscode-chat-input comment vscode-scm output debug git search-editor interactive inmemory repl walkThroughSnippet hearth-prompt'.split(
    ' ',
  ),
)('never for the editor’s own boxes and views, whatever stands behind them: %s', scheme => {
  expect(isWrittenText({ scheme }, () => true)).toBe(false);
});
