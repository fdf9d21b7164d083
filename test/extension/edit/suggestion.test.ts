// The paths that an answer names for its code.
import { expect, test } from 'vitest';
import { namedPaths, pathInComment, withoutPathComment } from '../../../extension/edit/suggestion.ts';

test.each([
  ['// src/a.ts', 'src/a.ts'],
  ['# src/a.py', 'src/a.py'],
  ['  // File: src/a.ts  ', 'src/a.ts'],
  ['# filename: tools/run', undefined],
  ['/* styles/main.css */', 'styles/main.css'],
  ['<!-- public/index.html -->', 'public/index.html'],
  ['{/* src/App.tsx */}', 'src/App.tsx'],
  ['-- db/schema.sql', 'db/schema.sql'],
  ['REM build.bat', 'build.bat'],
  ['// `src/a.ts`', 'src/a.ts'],
  ['// app/[id]/page.tsx', 'app/[id]/page.tsx'],
  ['# Dockerfile', 'Dockerfile'],
  ['// .eslintrc.json', '.eslintrc.json'],
  ['// src/a.ts is read here', undefined],
  ['#!/usr/bin/env python3', undefined],
  ['// see below', undefined],
  ['const a = 1; // a.ts', undefined],
  ['src/a.ts', undefined],
])('%s', (line, path) => {
  expect(pathInComment(line)).toBe(path);
});

test('the path after the fence comes first, then the first line, then the sentence before', () => {
  expect(
    namedPaths({
      code: '\n// lib/b.ts\nb();',
      language: 'ts',
      path: './src/a.ts',
      before: 'In `src/c.ts` and then in d/e.ts, unlike `npm run x`, change:',
    }),
  ).toEqual(['src/a.ts', 'lib/b.ts', 'src/c.ts', 'd/e.ts']);
});

test('of several in the sentence the nearest comes first, and each is named once', () => {
  const named = (before: string): string[] => namedPaths({ code: 'x', language: '', before });
  expect(named('Unlike `a.ts`, `b.ts:12-14` has this:')).toEqual(['b.ts', 'a.ts']);
  expect(named('Change src\\win\\a.cs so:')).toEqual(['src/win/a.cs']);
  expect(named('`a.ts` again: a.ts')).toEqual(['a.ts']);
  expect(named('With Node.js, e.g. version 20.1, do this.')).toEqual([]);
  expect(named('')).toEqual([]);
});

test('a first line that only names the file goes, unless the file has it', () => {
  expect(withoutPathComment('// src/a.ts\n\na();', [])).toBe('a();');
  expect(withoutPathComment('// src/a.ts\na();', ['// src/a.ts', 'b();'])).toBe('// src/a.ts\na();');
  expect(withoutPathComment('// a comment\na();', [])).toBe('// a comment\na();');
});
