import { describe, expect, test } from 'vitest';
import { isWebLink, readPageMessage } from '../../../extension/chat/page_message.ts';
import { limits } from '../../../engine/protocol/limits.ts';
import type { FromPanel } from '../../../webview/protocol.ts';

const good: FromPanel[] = [
  { type: 'ready' },
  { type: 'submit', text: 'x'.repeat(limits.messageCharsMax + 1), useWorkspace: true },
  { type: 'focused', focused: false },
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
  { type: 'findPaths', paths: [{ path: 'src/a.ts', near: true }] },
  { type: 'openPath', path: 'src/a.ts', line: 3, column: 1, endLine: 4 },
  { type: 'openPath', path: 'src/a.ts' },
  { type: 'findSymbols', turnId: 't', symbols: [{ name: 'Stock.add', near: true }] },
  { type: 'openSymbol', name: 'Stock.add' },
  { type: 'openLink', href: 'https://a.example' },
  { type: 'attach', what: { kind: 'problems' } },
  { type: 'attach', what: { kind: 'file', uri: 'file:///a' } },
  { type: 'attach', what: { kind: 'symbol', uri: 'file:///a', name: 'f', startLine: 1, endLine: 2 } },
  { type: 'attach', what: { kind: 'places', uris: ['file:///a', 'file:///b'] } },
  { type: 'attach', what: { kind: 'paste', text: 'x' } },
  { type: 'attach', what: { kind: 'content', name: 'a', mimeType: '', bytes: 0, data: '' } },
  { type: 'attach', what: { kind: 'content', name: 'a.png', mimeType: 'image/png', bytes: 7 } },
  { type: 'attached', action: 'toText', attachmentId: 'x' },
  { type: 'findPlaces', kind: 'symbol', query: '' },
  {
    type: 'edit',
    turnId: 't',
    text: 'x',
    useWorkspace: false,
    attachmentIds: ['2'],
    attach: [{ kind: 'problems' }],
  },
  { type: 'editAnswer', turnId: 't', text: '**x**' },
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
    { type: 'editAnswer', turnId: 't', text: '' },
    { type: 'submit', text: '', useWorkspace: true },
    { type: 'submit', text: 'x'.repeat(3 * limits.messageCharsMax), useWorkspace: true },
    { type: 'openSource', uri: 'file:///a', startLine: 0, endLine: 2 },
    { type: 'openSource', uri: 'file:///a', startLine: 1.5, endLine: 2 },
    { type: 'findPaths', paths: [] },
    { type: 'findPaths', paths: Array.from({ length: 65 }, () => ({ path: 'a.ts', near: false })) },
    { type: 'findPaths', paths: [{ path: 'x'.repeat(1_025), near: false }] },
    { type: 'findPaths', paths: [{ path: 'a.ts', near: false, uri: 'file:///a.ts' }] },
    { type: 'openPath', path: 'a.ts', line: 0 },
    { type: 'openPath', path: '' },
    { type: 'findSymbols', turnId: 't', symbols: [] },
    {
      type: 'findSymbols',
      turnId: 't',
      symbols: Array.from({ length: 65 }, () => ({ name: 'a', near: false })),
    },
    { type: 'findSymbols', symbols: [{ name: 'a', near: false }] },
    { type: 'openSymbol', name: 'x'.repeat(201) },
    { type: 'action', action: 'format disk' },
    { type: 'attach', what: { kind: 'everything' } },
    { type: 'attach', what: { kind: 'problems', uri: 'file:///a' } },
    { type: 'attach', what: { kind: 'symbol', uri: 'file:///a', name: 'f', startLine: 0, endLine: 2 } },
    { type: 'attach', what: { kind: 'content', name: 'a', mimeType: '', bytes: 1, data: 'not base64!' } },
    { type: 'attached', action: 'send', attachmentId: 'x' },
    { type: 'edit', turnId: 't', text: 'x', useWorkspace: false },
    { type: 'edit', turnId: 't', text: 'x', useWorkspace: false, attachmentIds: [], attach: [{}] },
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
