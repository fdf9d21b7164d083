// What is coloured.
import { expect, test } from 'vitest';
import { highlight } from '../../../webview/view/highlight.ts';

test('code is coloured and escaped', () => {
  expect(highlight('const a = "<b>";', 'ts')).toBe(
    '<span class="hljs-keyword">const</span> a = <span class="hljs-string">&quot;&lt;b&gt;&quot;</span>;',
  );
});

test('short names and file endings of the known languages are understood', () => {
  for (const name of [
    'js',
    'tsx',
    'py',
    'rs',
    'sh',
    'yml',
    'html',
    'cs',
    'kt',
    'rb',
    'md',
    'c++',
    'h',
    'toml',
    'jsonc',
    'ps1',
  ]) {
    expect(highlight('x', name), name).toBeDefined();
  }
});

test('an unknown language stays plain', () => {
  expect(highlight('x', 'klingon')).toBeUndefined();
  expect(highlight('x', '')).toBeUndefined();
});
