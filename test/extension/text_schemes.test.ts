import { expect, test } from 'vitest';
import { isEditedText, isUsersText } from '../../extension/text_schemes.ts';

test.each([
  ['file', true, true],
  ['untitled', true, true],
  ['vscode-notebook-cell', true, true],
  ['git', true, false],
  ['debug', true, false],
  ['output', false, false],
  ['hearth-before', false, false],
  ['hearth-branch', false, false],
])('%s: asked about %s, edited %s', (scheme, asked, edited) => {
  expect([isUsersText({ scheme }), isEditedText({ scheme })]).toEqual([asked, edited]);
});
