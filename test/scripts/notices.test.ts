import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundledFolders } from '../../scripts/build.mjs';
import { standardLicence } from '../../scripts/licence_texts.mjs';
import { packageSections, thirdPartyNotices } from '../../scripts/notices.mjs';
import { temporaryDirectory } from '../support/temporary_directory.ts';

const modules = join(temporaryDirectory(), 'node_modules');

function installed(folder: string, manifest: object, files: Record<string, string> = {}): string {
  const home = join(modules, folder);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), JSON.stringify(manifest));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, name), text);
  return home;
}

test('a package gives the texts it ships, licence and notice', () => {
  const home = installed(
    'ours',
    { name: 'ours', version: '1.0.0', license: 'MIT' },
    { LICENSE: 'Do as you like.\r\nOurs.', 'NOTICE.md': 'Made by many.', 'licence.js': 'code' },
  );
  const [text] = packageSections([home]);
  expect(text).toContain('ours 1.0.0 (MIT)');
  expect(text).toContain('Do as you like.\nOurs.');
  expect(text).toContain('Made by many.');
  expect(text).not.toContain('code');
});

test.each<[string, object, string]>([
  ['a name', { author: 'Ada Lovelace <ada@example.org> (https://example.org)' }, 'Ada Lovelace'],
  ['an entry', { author: { name: 'Engine Works', url: 'x' } }, 'Engine Works'],
  ['contributors', { contributors: [{ name: 'Charles' }] }, 'Charles'],
  [
    'nobody',
    { repository: { url: 'git+https://example.org/bare' } },
    'the authors of bare (git+https://example.org/bare)',
  ],
])(
  'a package without a file gets the whole text of its licence; as author it names %s',
  (_, about, holder) => {
    const home = installed('bare', { name: 'bare', version: '2.0.0', license: 'MIT', ...about });
    const [text] = packageSections([home]);
    expect(text).toContain(`Copyright (c) ${holder}\n`);
    expect(text).toContain('Permission is hereby granted, free of charge');
    expect(text).toContain('WITHOUT WARRANTY OF ANY KIND');
  },
);

test('a package whose licence has no text here cannot be shipped', () => {
  const home = installed('odd', { name: 'odd', version: '3.0.0', license: 'SEE README' });
  expect(() => packageSections([home])).toThrow(/odd 3\.0\.0 ships no text of its licence \(SEE README\)/);
  const none = installed('none', { name: 'none', version: '3.0.0' });
  expect(() => packageSections([none])).toThrow(/it names none/);
});

test.each(['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause'])('the standard text of %s is whole', id => {
  const text = standardLicence(id, 'Somebody');
  expect(text).toContain('Copyright (c) Somebody');
  expect(text).toMatch(/"AS IS"/);
  expect(text!.length).toBeGreaterThan(600);
  expect(standardLicence('toString', 'Somebody')).toBeUndefined();
});

test('copies inside other packages are read from their own folder, and every version is listed once', () => {
  const folders = bundledFolders({
    inputs: {
      'engine/main.ts': {},
      'node_modules/tool/index.js': {},
      'node_modules/tool/lib/more.js': {},
      'node_modules/@a/b/node_modules/tool/index.js': {},
      'node_modules/@a/b/index.js': {},
    },
  });
  expect(folders).toEqual(['node_modules/tool', 'node_modules/@a/b/node_modules/tool', 'node_modules/@a/b']);
  const outer = installed(
    'tool',
    { name: 'tool', version: '2.0.0', license: 'MIT' },
    { LICENSE: 'New text.' },
  );
  const inner = installed(
    '@a/b/node_modules/tool',
    { name: 'tool', version: '1.0.0', license: '0BSD' },
    { LICENSE: 'Old text.' },
  );
  const sections = packageSections([outer, inner, outer]);
  expect(sections.map(text => text.split('\n')[1])).toEqual(['tool 1.0.0 (0BSD)', 'tool 2.0.0 (MIT)']);
  expect(sections[0]).toContain('Old text.');
});

test('the library of the GPU comes with all its notices, and says what it does not name', () => {
  const binaries = installed(
    'dawn',
    {},
    {
      'dxcompiler-LICENSE.TXT': 'LLVM text.',
      'dxcompiler-ThirdPartyNotices.txt': 'More.',
    },
  );
  const text = thirdPartyNotices(['node_modules/webgpu'], binaries);
  expect(text).toContain('The Dawn & Tint Authors');
  expect(text).toContain('dawn.googlesource.com/dawn');
  expect(text).toContain('LLVM text.');
  expect(text).toContain('More.');
  expect(text).toContain('Node.js is licensed for use as follows');
});

test('the grammars come with the names of those who made them', () => {
  const text = thirdPartyNotices(['node_modules/webgpu'], installed('none', {}, {}));
  expect(text).toContain('Copyright (c) 2018 Max Brunsfeld (tree-sitter)');
  expect(text).toContain('Copyright (c) 2017 Maxim Sokolov (tree-sitter-rust)');
});
