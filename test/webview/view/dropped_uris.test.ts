import { expect, test } from 'vitest';
import { droppedUris } from '../../../webview/view/dropped_uris.ts';

const dropped = (data: Record<string, string>): string[] =>
  droppedUris({ getData: type => data[type] ?? '' });

test.each([
  [{ 'application/vnd.code.uri-list': 'file:///a\r\nfile:///b' }, ['file:///a', 'file:///b']],
  [
    { 'text/uri-list': '# a remark\nvscode-remote://ssh/a\nfile:///a\nfile:///a' },
    ['vscode-remote://ssh/a', 'file:///a'],
  ],
  [{ resourceurls: '["file:///a"]', 'text/uri-list': 'file:///b' }, ['file:///a']],
  [{ codefiles: '["/a b/c#d","C:\\\\x"]' }, ['file:///a%20b/c%23d', 'file:///C:/x']],
  [
    { codeeditors: '[{"resource":{"external":"file:///a"}},{"resource":"file:///b"},7]' },
    ['file:///a', 'file:///b'],
  ],
  [{ resourceurls: 'no JSON' }, []],
  [{ 'text/uri-list': 'https://a.example/x\njavascript:alert(1)' }, []],
  [{}, []],
])('%j', (data, uris) => {
  expect(dropped(data)).toEqual(uris);
});
