// Paths of files in the info strings of fences.
import { expect, test } from 'vitest';
import { pathOfInfo } from '../../../webview/view/code_path.ts';

test.each([
  ['ts src/a.ts', 'src/a.ts'],
  ['ts title="src/a b.ts"', 'src/a b.ts'],
  ["js filename='src/a.js' {1,3}", 'src/a.js'],
  ['python file=tools/a.py', 'tools/a.py'],
  ['ts {path: "src/a.ts"}', 'src/a.ts'],
  ['ts:src/a.ts', 'src/a.ts'],
  ['12:30:src/a.ts', 'src/a.ts'],
  ['src/a.ts', 'src/a.ts'],
  ['ts src/a.ts:12-20', 'src/a.ts'],
  ['tsx (app/[id]/page.tsx)', 'app/[id]/page.tsx'],
  ['cs src\\win\\A.cs', 'src\\win\\A.cs'],
  ['dockerfile Dockerfile', 'Dockerfile'],
  ['json .eslintrc.json', '.eslintrc.json'],
  ['ts', undefined],
  ['', undefined],
  ['ts {1,3-5}', undefined],
  ['ts title="Second step"', undefined],
  ['c++', undefined],
  ['js https://example.com/a.js', undefined],
])('%j', (info, path) => {
  expect(pathOfInfo(info)).toBe(path);
});
