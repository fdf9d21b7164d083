import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { commands, Selection, window, workspace, type TextDocument } from 'vscode';
import { hearth, until } from './hearth.ts';

const beginnings = [
  'function add(a, b) {\n  return ',
  'const total = prices.length',
  'if (value === undefined) {\n  throw ',
  'export function isEmpty(list) {\n  if (',
];

suite('inline completion', () => {
  test('a suggestion is shown and taken through the editor’s own commands', async () => {
    await hearth().activate();
    await until('a suggestion for any of the beginnings', async () => {
      for (const content of beginnings) if (await accepted(content)) return true;
      return undefined;
    });
    assert.notEqual((await hearth().activate()).enginePid(), undefined);
  });
});

/** Shows a new JavaScript document with the cursor at its end. */
async function shown(content: string): Promise<TextDocument> {
  const document = await workspace.openTextDocument({ language: 'javascript', content });
  const editor = await window.showTextDocument(document);
  const end = document.positionAt(content.length);
  editor.selection = new Selection(end, end);
  return document;
}

/** True when a suggestion came and was taken. The first one waits for the engine and its model. */
async function accepted(content: string): Promise<boolean> {
  const document = await shown(content);
  for (let tries = 0; tries < 30; tries++) {
    await commands.executeCommand('editor.action.inlineSuggest.trigger');
    await delay(500);
    await commands.executeCommand('editor.action.inlineSuggest.commit');
    if (document.getText().length > content.length) return document.getText().startsWith(content);
  }
  return false;
}
