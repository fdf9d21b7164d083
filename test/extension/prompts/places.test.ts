import { expect, test } from 'vitest';
import { placesOf } from '../../../extension/prompts/places.ts';

const usual = '.github/prompts';
const paths = (setting: unknown): string[] =>
  placesOf(setting, usual).map(({ from, path }) => `${from} ${path}`);

test('the usual place is read unless it is turned off', () => {
  for (const setting of [undefined, null, true, [], { '.github/prompts': true }])
    expect(paths(setting)).toEqual(['folder .github/prompts']);
  expect(paths({ '.github/prompts': false })).toEqual([]);
});

test('other places are read where they are turned on, under the folder, the home or the root', () => {
  expect(
    paths({
      prompts: true,
      './more/': true,
      '~/mine': true,
      '/srv/prompts': true,
      'C:\\p': true,
      no: false,
      odd: 'x',
    }),
  ).toEqual([
    'folder .github/prompts',
    'folder prompts',
    'folder more',
    'home mine',
    'root /srv/prompts',
    'root C:\\p',
  ]);
});

test('of a pattern for files, the folder is meant', () => {
  expect(paths({ '.github/prompts/*.prompt.md': false, 'docs/**/*.prompt.md': true, '*': true })).toEqual([
    'folder docs',
  ]);
});
