// Which language a fence names, and what is coloured.
import { expect, test } from 'vitest';
import { fenceLanguage, highlight, highlightCharsMax } from '../../../webview/view/highlight.ts';

test.each([
  ['ts', 'ts'],
  ['TypeScript title="a b"', 'typescript'],
  ['src/main.rs', 'rs'],
  ['js,ignore', 'js'],
  ['python{3}', 'python'],
  ['c++', 'c++'],
  ['', ''],
  ['   ', ''],
])('the fence info "%s" names "%s"', (info, language) => {
  expect(fenceLanguage(info)).toBe(language);
});

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

test('an unknown language and very long code stay plain', () => {
  expect(highlight('x', 'klingon')).toBeUndefined();
  expect(highlight('x', '')).toBeUndefined();
  expect(highlight('x'.repeat(highlightCharsMax + 1), 'ts')).toBeUndefined();
});
