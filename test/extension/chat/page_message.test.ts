import { describe, expect, test } from 'vitest';
import { isWebLink, readPageMessage } from '../../../extension/chat/page_message.ts';
import { limits } from '../../../engine/protocol/limits.ts';
import type { FromPanel } from '../../../webview/protocol.ts';

const good: FromPanel[] = [
  { type: 'ready' },
  { type: 'submit', text: 'x'.repeat(limits.messageCharsMax + 1), useWorkspace: true },
  { type: 'stop' },
  { type: 'answerNow' },
  { type: 'chooseThinking', think: false },
  { type: 'chooseThinking', effort: 'high' },
  { type: 'goOn', turnId: 't' },
  { type: 'newChat' },
  { type: 'copyCode', code: '' },
  { type: 'previewDiagram', code: 'graph TD' },
  { type: 'insertCode', code: 'a', language: '' },
  { type: 'applyCode', code: 'a', language: 'ts', path: 'src/a.ts', before: 'In `src/a.ts`:' },
  { type: 'newFile', code: 'a', language: 'ts', path: 'src/a.ts' },
  { type: 'runInTerminal', code: 'ls', language: 'bash' },
  { type: 'openSource', uri: 'file:///a', startLine: 1, endLine: 2 },
  { type: 'openLink', href: 'https://a.example' },
  { type: 'action', action: 'retry', turnId: 't' },
  { type: 'action', action: 'openLog' },
];

describe('messages of the page', () => {
  test.each(good)('are taken: $type', message => {
    expect(readPageMessage(message)).toEqual({ message });
  });

  test.each([
    undefined,
    null,
    7,
    [],
    {},
    { type: 'evil' },
    { type: 'submit', text: 5, useWorkspace: true },
    { type: 'submit', text: '', useWorkspace: true },
    { type: 'submit', text: 'x'.repeat(3 * limits.messageCharsMax), useWorkspace: true },
    { type: 'openSource', uri: 'file:///a', startLine: 0, endLine: 2 },
    { type: 'openSource', uri: 'file:///a', startLine: 1.5, endLine: 2 },
    { type: 'action', action: 'format disk' },
    { type: 'stop', extra: 1 },
    { type: 'goOn' },
    { type: 'chooseThinking', effort: '' },
    { type: 'applyCode', code: 'a' },
    { type: 'newFile', code: 'a', language: 'ts', path: '' },
    { type: 'runInTerminal', code: 'ls', language: 'bash', agreed: true },
  ])('are refused when they are not in the contract', message => {
    expect(readPageMessage(message)).toHaveProperty('fault');
  });

  test('may open web links only', () => {
    expect(['http://a', 'https://a.example/b?c'].map(isWebLink)).toEqual([true, true]);
    const refused = [
      'javascript:alert(1)',
      'file:///etc/passwd',
      'command:hearth.stop',
      'vscode://x',
      'data:text/html,x',
      'no link',
      '',
    ];
    expect(refused.map(isWebLink)).toEqual(refused.map(() => false));
  });
});
