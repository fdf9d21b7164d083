// `ask` reads a folder as the extension does: the same files, the same text, the same reasons for what is left out.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { readWorkspace } from '../../../engine/cli/read_workspace.ts';
import { limits } from '../../../engine/protocol/limits.ts';
import { IgnoreRules } from '../../../engine/policy/ignore_rules.ts';
import { walkRoots, type FileTree } from '../../../engine/policy/walk.ts';
import { engineErrorOf } from '../../support/engine_error.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

const folder = join(temporaryDirectory(), 'shop');
const contents: Record<string, string | Buffer> = {
  '.gitignore': 'build/\n*.log\n/only_here.txt\n',
  'README.md': '# Shop\r\n\r\nOld line ends\r\n',
  'only_here.txt': 'ignored at the root',
  'deep/only_here.txt': 'not ignored here\n',
  'deep/.gitignore': '!kept.log\n',
  'deep/kept.log': 'taken back\n',
  'deep/dropped.txt': 'kept\n',
  'other/gone.log': 'ignored\n',
  'build/out.js': 'ignored\n',
  'node_modules/p/index.js': 'ignored\n',
  '.git/HEAD': 'ignored\n',
  'src/a.ts': '\uFEFFconst a = 1;\n',
  'src/.hearthignore': 'private.ts\n',
  'src/private.ts': 'ignored\n',
  'src/latin1.txt': Buffer.from([0x63, 0x61, 0x66, 0xe9]),
  'src/zeros.txt': Buffer.from([1, 0, 2]),
  'src/big.txt': 'x'.repeat(limits.fileBytesMax + 1),
  'empty.txt': '',
};
for (const [path, content] of Object.entries(contents)) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}
symlinkSync(join(folder, 'src'), join(folder, 'link'));

const tree: FileTree = {
  list: async path =>
    (await readdir(join(folder, path), { withFileTypes: true })).map(entry => ({
      name: entry.name,
      kind: entry.isSymbolicLink() ? 'link' : entry.isDirectory() ? 'directory' : 'file',
    })),
  sizeBytes: async path => (await stat(join(folder, path))).size,
  read: path => readFile(join(folder, path)),
  uri: path => pathToFileURL(join(folder, path)).href,
};

test('the same files with the same text, and the same left out, as in the editor', async () => {
  const rules = new IgnoreRules({
    editorExcludes: ['**/.git', '**/node_modules'],
    userExcludes: [],
    caseSensitive: process.platform === 'linux',
  });
  const caps = { fileBytesMax: limits.fileBytesMax, totalBytesMax: Infinity, filesMax: Infinity };
  const files: { path: string; uri: string; text: string }[] = [];
  const skipped: { path: string; reason: string }[] = [];
  for await (const entry of walkRoots([{ prefix: '', tree, rules }], caps, () => false))
    if (entry.kind === 'skipped') skipped.push({ path: entry.path, reason: entry.reason });
    else files.push({ path: entry.file.path, uri: entry.file.uri, text: entry.file.text });
  const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1);

  const found = await readWorkspace(folder);
  expect(found.name).toBe('shop');
  expect(found.files.map(({ path, uri, text }) => ({ path, uri, text }))).toEqual(files.sort(byPath));
  expect(found.skipped.sort(byPath)).toEqual(skipped.sort(byPath));
  expect(found.files.map(file => file.path)).toEqual([
    '.gitignore',
    'README.md',
    'deep/.gitignore',
    'deep/dropped.txt',
    'deep/kept.log',
    'deep/only_here.txt',
    'empty.txt',
    'src/.hearthignore',
    'src/a.ts',
  ]);
});

test('a folder that is not there is a named error', async () => {
  expect((await engineErrorOf(() => readWorkspace(join(folder, 'nowhere')))).code).toBe('fileUnreadable');
});
