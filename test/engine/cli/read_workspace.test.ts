// `ask` reads a folder as the extension does: by the same walk, with the same excludes, and never what may hold secrets.
import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { readWorkspace } from '../../../engine/cli/read_workspace.ts';
import { limits } from '../../../engine/protocol/limits.ts';
import { inEnglish } from '../../../engine/protocol/phrase.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';
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
  'deep/node_modules/p/index.js': 'ignored\n',
  'package-lock.json': '{}',
  'dist/app.min.js': 'ignored\n',
  '.git/HEAD': 'ignored\n',
  '.env': 'API_KEY=do-not-read\n',
  '.env.example': 'API_KEY=\n',
  'deep/server.pem': 'do-not-read\n',
  'keys/id_rsa': 'do-not-read\n',
  '.aws/config': 'do-not-read\n',
  'deep/credentials.json': '{"key":"do-not-read"}\n',
  'src/a.ts': '\uFEFFconst a = 1;\n',
  'src/.hearthignore': 'private.ts\n',
  'src/private.ts': 'ignored\n',
  'src/latin1.txt': Buffer.from([0x63, 0x61, 0x66, 0xe9]),
  'src/zeros.txt': Buffer.from([1, 0, 2]),
  'src/logo.png': 'by its name no text',
  'src/big.txt': 'x'.repeat(limits.fileBytesUsual + 1),
  'empty.txt': '',
};
for (const [path, content] of Object.entries(contents)) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}
symlinkSync(join(folder, 'src'), join(folder, 'link'));

test('every text file that no rule leaves out is read, with plain line ends and no byte order mark', async () => {
  const found = await readWorkspace(folder);
  expect(found.name).toBe('shop');
  expect(found.files.map(file => file.path)).toEqual([
    '.env.example',
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
  expect(found.files.find(file => file.path === 'README.md')?.text).toBe('# Shop\n\nOld line ends\n');
  expect(found.files.find(file => file.path === 'src/a.ts')).toEqual({
    changedAt: statSync(join(folder, 'src/a.ts')).mtime.getTime(),
    path: 'src/a.ts',
    uri: pathToFileURL(join(folder, 'src/a.ts')).href,
    text: 'const a = 1;\n',
  });
});

test('what may hold secrets is not read, and what is left out is told with its reason', async () => {
  const found = await readWorkspace(folder);
  expect(JSON.stringify(found)).not.toContain('do-not-read');
  expect(Object.fromEntries(found.skipped.map(({ path, reason }) => [path, inEnglish(reason)]))).toEqual({
    '.env': 'may hold secrets',
    '.aws/config': 'may hold secrets',
    'deep/credentials.json': 'may hold secrets',
    'deep/server.pem': 'may hold secrets',
    'keys/id_rsa': 'may hold secrets',
    link: 'a link',
    'src/big.txt': 'larger than 256 KB',
    'src/latin1.txt': 'not UTF-8; set "files.encoding" for it',
    'src/logo.png': 'not text',
    'src/zeros.txt': 'not text',
  });
});

test('a folder that is not there is a named error', async () => {
  expect((await hearthErrorOf(() => readWorkspace(join(folder, 'nowhere')))).code).toBe('fileUnreadable');
});
