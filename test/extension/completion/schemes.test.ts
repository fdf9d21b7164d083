import { expect, test } from 'vitest';
import { isWrittenScheme } from '../../../extension/completion/schemes.ts';

test('suggestions are for files, new documents and cells of notebooks, on this machine or on another', () => {
  for (const scheme of ['file', 'untitled', 'vscode-notebook-cell', 'vscode-remote', 'vscode-vfs'])
    expect(
      isWrittenScheme(scheme, () => undefined),
      scheme,
    ).toBe(true);
});

test('and for file systems of extensions that can be written to', () => {
  const isWritable = (scheme: string) => ({ memfs: true, archive: false })[scheme];
  expect(['memfs', 'archive', 'unknown'].map(scheme => isWrittenScheme(scheme, isWritable))).toEqual([
    true,
    false,
    false,
  ]);
});

test('never for the editor’s own input boxes and views, whatever stands behind them', () => {
  for (const scheme of 'chatSessionInput vscode-chat-input comment vscode-scm output debug search-editor git interactive vscode-interactive-input inmemory repl walkThroughSnippet'.split(
    ' ',
  ))
    expect(
      isWrittenScheme(scheme, () => true),
      scheme,
    ).toBe(false);
});
