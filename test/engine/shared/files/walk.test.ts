import { inEnglish } from '../../../../engine/protocol/phrase.ts';
import { describe, expect, test } from 'vitest';
import {
  listPaths,
  walkBelow,
  walkByName,
  walkChanged,
  walkRoots,
  type WalkEntry,
  type WalkLimits,
} from '../../../../engine/shared/files/walk.ts';
import { InMemoryFolder, rootOf } from '../../../fakes/in_memory_workspace.ts';

const caps: WalkLimits = { totalBytesMax: 1_000_000, filesMax: 100 };
const never = (): boolean => false;

async function collect(
  entries: AsyncIterable<WalkEntry>,
): Promise<{ files: string[]; skipped: Record<string, string> }> {
  const files: string[] = [];
  const skipped: Record<string, string> = {};
  for await (const entry of entries)
    if (entry.kind === 'file') files.push(entry.file.path);
    else skipped[entry.path] = inEnglish(entry.reason);
  return { files, skipped };
}
const walk = (
  files: ConstructorParameters<typeof InMemoryFolder>[0],
  options: Parameters<typeof rootOf>[1] = {},
  more: Partial<WalkLimits> = {},
) => collect(walkRoots([rootOf(new InMemoryFolder(files), options)], { ...caps, ...more }, never));

async function texts(folder: InMemoryFolder): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const entry of walkRoots([rootOf(folder)], caps, never))
    if (entry.kind === 'file') found[entry.file.path] = entry.file.text;
  return found;
}

describe('walk over a workspace', () => {
  test('yields text files with uri, time and plain line ends, those near the root first', async () => {
    const folder = new InMemoryFolder({ 'b.ts': '\uFEFFlet a;\r\nlet b;\r', 'a/x.py': 'x' });
    folder.changedAt.set('b.ts', 7);
    const entries: WalkEntry[] = [];
    for await (const entry of walkRoots([rootOf(folder)], caps, never)) entries.push(entry);
    expect(entries).toEqual([
      { kind: 'file', file: { path: 'b.ts', uri: 'memory:/b.ts', text: 'let a;\nlet b;\n', changedAt: 7 } },
      { kind: 'file', file: { path: 'a/x.py', uri: 'memory:/a/x.py', text: 'x', changedAt: 0 } },
    ]);
  });

  test('lists what it skips, with the reason', async () => {
    const folder = new InMemoryFolder({
      'big.txt': 'x'.repeat(1001),
      'nul.txt': new Uint8Array([65, 0, 66]),
      'latin.txt': new Uint8Array([0x66, 0xfc, 0x72]),
      'image.PNG': 'never read',
      'locked.txt': new Error('permission denied'),
      '.env': 'KEY=1',
      'ok.txt': 'fine',
    });
    folder.links.add('link.txt');
    const root = rootOf(folder, { fileBytesMax: 1000 });
    const { files, skipped } = await collect(walkRoots([root], caps, never));
    expect(files).toEqual(['ok.txt']);
    expect(skipped).toEqual({
      'big.txt': 'larger than 1 KB',
      'nul.txt': 'not text',
      'latin.txt': 'not UTF-8; set "files.encoding" for it',
      'image.PNG': 'not text',
      'locked.txt': 'cannot be read: permission denied',
      '.env': 'may hold secrets',
      'link.txt': 'a link',
    });
    expect(folder.reads).not.toContain('image.PNG');
    expect(folder.reads).not.toContain('.env');
  });

  test('follows rule files of every folder, the inner one last', async () => {
    const { files } = await walk({
      '.gitignore': 'out/\n*.log\n/only_root.txt\n',
      'out/x.js': '',
      'a/out/x.js': '',
      'a.log': '',
      'only_root.txt': '',
      'a/only_root.txt': '',
      'a/.gitignore': '!keep.log\n*.tmp',
      'a/keep.log': '',
      'a/x.tmp': '',
      'x.tmp': '',
      '.hearthignore': 'docs',
      'docs/a.md': '',
    });
    expect(files).toEqual([
      '.gitignore',
      '.hearthignore',
      'x.tmp',
      'a/.gitignore',
      'a/keep.log',
      'a/only_root.txt',
    ]);
  });

  test('never enters an ignored folder', async () => {
    const folder = new InMemoryFolder({
      '.gitignore': 'node_modules',
      'node_modules/a/b.js': '',
      'x.js': '',
    });
    await collect(walkRoots([rootOf(folder)], caps, never));
    expect(folder.reads.filter(path => path.startsWith('node_modules'))).toEqual([]);
  });

  test('leaves out what the editor and the user exclude, and the folder of git', async () => {
    const { files } = await walk(
      {
        '.git/config': '',
        'a.min.js': '',
        'gen/a.ts': '',
        'src/gen/a.ts': '',
        'src/a.spec.ts': '',
        'src/a.ts': '',
      },
      { editorExcludes: ['**/*.{spec,test}.ts', 'gen'], userExcludes: ['*.min.js'] },
    );
    expect(files).toEqual(['src/a.ts', 'src/gen/a.ts']);
  });

  test('stops taking files at the limits of a workspace, and says so', async () => {
    const three = { 'a.txt': 'aaaa', 'b.txt': 'bbbb', 'c.txt': 'cccc' };
    expect(await walk(three, {}, { filesMax: 2 })).toEqual({
      files: ['a.txt', 'b.txt'],
      skipped: { 'c.txt': 'over the limit of one workspace' },
    });
    expect((await walk(three, {}, { totalBytesMax: 7 })).files).toEqual(['a.txt']);
  });

  test('reads what is worth most before the limits are reached: what is open, sources, and generated files last', async () => {
    const folder = new InMemoryFolder({
      'a/vendor/x.ts': '',
      'a.lock/yarn.lock': '',
      'a/b/c/deep.ts': '',
      'src/z.ts': '',
      'README.md': '',
    });
    const firstPaths = ['src/z.ts', 'a/b/c/deep.ts'];
    const { files, skipped } = await collect(
      walkRoots([rootOf(folder)], { ...caps, filesMax: 3, firstPaths }, never),
    );
    expect(files).toEqual(['src/z.ts', 'a/b/c/deep.ts', 'README.md']);
    expect(Object.keys(skipped).sort()).toEqual(['a.lock/yarn.lock', 'a/vendor/x.ts']);
    expect(folder.reads).not.toContain('a/vendor/x.ts');
  });

  test('for whoever wants only some, reads each file as it is found', async () => {
    const folder = new InMemoryFolder({ 'a.ts': '', 'b/c.ts': '', 'z.ts': '' });
    for await (const entry of walkByName(rootOf(folder), never)) {
      expect(entry).toMatchObject({ kind: 'file', file: { path: 'a.ts' } });
      break;
    }
    expect(new Set(folder.reads)).toEqual(new Set(['a.ts']));
  });

  test("takes a file's time from its repository, and after a change its own", async () => {
    const folder = new InMemoryFolder({ 'old.ts': '', 'new.ts': '' });
    for (const path of folder.files.keys()) folder.changedAt.set(path, 9);
    const root = {
      ...rootOf(folder),
      commits: Promise.resolve({ of: (path: string) => (path === 'old.ts' ? 3 : undefined) }),
    };
    const times = async (entries: AsyncIterable<WalkEntry>) => {
      const found: unknown[] = [];
      for await (const entry of entries)
        if (entry.kind === 'file') found.push([entry.file.path, entry.file.changedAt]);
      return found;
    };
    expect(await times(walkRoots([root], caps, never))).toEqual([
      ['new.ts', 9],
      ['old.ts', 3],
    ]);
    expect(await times(walkChanged(root, 'old.ts', never))).toEqual([['old.ts', 9]]);
  });

  test('leaves out what the user has left out, reads secrets that the user allows, and tells what is ignored', async () => {
    const tree = new InMemoryFolder({
      '.gitignore': 'out/\n*.log\n',
      'out/a/x.ts': '',
      'sub/a.log': '',
      '.env': 'KEY=1',
      id_rsa: 'key',
      'left.ts': '',
      'read.ts': '',
    });
    const ignored: string[] = [];
    const root = {
      ...rootOf(tree, { prefix: 'one/' }),
      choice: (path: string) => (({ '.env': 'allowed', 'left.ts': 'leftOut' }) as const)[path],
      onIgnored: (path: string) => void ignored.push(path),
    };
    const { files, skipped } = await collect(walkRoots([root], caps, never));
    expect(files).toEqual(['one/.env', 'one/.gitignore', 'one/read.ts']);
    expect(skipped).toEqual({ 'one/id_rsa': 'may hold secrets', 'one/left.ts': 'you have left it out' });
    expect(ignored.sort()).toEqual(['one/out/', 'one/sub/a.log']);
    expect(tree.reads).not.toContain('left.ts');
  });

  test('puts the name of the root before every path when there are several', async () => {
    const roots = ['one', 'two'].map(name =>
      rootOf(new InMemoryFolder({ 'a.ts': '', '.env': '' }), { prefix: `${name}/` }),
    );
    const { files, skipped } = await collect(walkRoots(roots, caps, never));
    expect(files).toEqual(['one/a.ts', 'two/a.ts']);
    expect(Object.keys(skipped)).toEqual(['one/.env', 'two/.env']);
  });

  test('bounds the size of files by the root that they lie in', async () => {
    const roots = [10, 20].map(fileBytesMax =>
      rootOf(new InMemoryFolder({ 'a.ts': 'x'.repeat(15) }), { prefix: `${fileBytesMax}/`, fileBytesMax }),
    );
    const { files, skipped } = await collect(walkRoots(roots, caps, never));
    expect(files).toEqual(['20/a.ts']);
    expect(Object.keys(skipped)).toEqual(['10/a.ts']);
  });

  test.each(['/me/.aws', '/C:/Users/me/.ssh', '/me/.kube/cache'])(
    'reads nothing of a root that lies where secrets are kept: %s',
    async location => {
      const folder = new InMemoryFolder({ config: 'key', 'sub/token.txt': 'key', '.gitignore': '' });
      const root = rootOf(folder, { location });
      const found = await collect(walkRoots([root], caps, never));
      expect(found.files).toEqual([]);
      expect(Object.values(found.skipped)).toEqual(Array(3).fill('may hold secrets'));
      expect((await collect(walkChanged(root, 'config', never))).files).toEqual([]);
      expect(folder.reads).toEqual([]);
    },
  );

  test('reads UTF-16 by its mark, and other encodings where the editor knows them', async () => {
    const text = '$Port = 7421 # café\r\n';
    const utf16 = new Uint8Array(Buffer.from(`\uFEFF${text}`, 'utf16le'));
    const files = {
      'a.ps1': utf16,
      'b.ps1': utf16.map((_, i) => utf16[i ^ 1] as number),
      'c.py': new Uint8Array(Buffer.from('# café', 'latin1')),
      'utf32.txt': new Uint8Array([0xff, 0xfe, 0, 0, 65, 0, 0, 0]),
    };
    const folder = new InMemoryFolder(files);
    const plain = await texts(folder);
    expect(plain).toEqual({ 'a.ps1': text.replace('\r', ''), 'b.ps1': text.replace('\r', '') });
    const decodes = (encoding: string) =>
      Object.assign(new InMemoryFolder(files), {
        decode: async (_path: string, bytes: Uint8Array) => new TextDecoder(encoding).decode(bytes),
      });
    expect(await texts(decodes('latin1'))).toEqual({ ...plain, 'c.py': '# café' });
    // Text that holds the mark of what could not be decoded is no text.
    expect(await texts(decodes('utf-8'))).toEqual(plain);
  });

  test('reads the cells of a notebook, not what they put out', async () => {
    const cell = (source: string[]) => ({
      cell_type: 'code',
      source,
      outputs: [{ data: { 'image/png': 'iVBORw0KGgo'.repeat(4000) } }],
    });
    const cells = [
      cell(['rate = 0.07\n', 'x = 1\n']),
      { cell_type: 'markdown', source: '# Rates\r\n' },
      cell([]),
    ];
    const folder = new InMemoryFolder({
      'n.ipynb': JSON.stringify({ cells, metadata: { kernelspec: { language: 'julia' } } }),
      'broken.ipynb': '{"cells":',
    });
    expect(await texts(folder)).toEqual({
      'n.ipynb':
        '# %% Cell 1 (julia)\nrate = 0.07\nx = 1\n\n# %% Cell 2 (markdown)\n# Rates\n\n# %% Cell 3 (julia)\n\n',
      'broken.ipynb': '{"cells":',
    });
  });

  test('finds secrets by what stands in a file, and reads AsciiDoc', async () => {
    const token = `ghp_${'a1B2'.repeat(9)}`;
    const { files, skipped } = await walk({
      'README.asc': '= Tool\n\nThe port is 7421.\n',
      'sig.asc': '-----BEGIN PGP SIGNATURE-----\n\niQ==\n',
      'deploy.txt': 'note\n-----BEGIN RSA PRIVATE KEY-----\nMII\n',
      'ci.yml': `token: ${token}\n`,
      'docs.md':
        'Write `-----BEGIN RSA PRIVATE KEY-----` first; ids look like AKIAIOSFODNN7EXAMPLE or ghp_xxx.\n',
    });
    expect(files).toEqual(['README.asc', 'docs.md']);
    expect(skipped).toEqual(
      Object.fromEntries(['ci.yml', 'deploy.txt', 'sig.asc'].map(path => [path, 'may hold secrets'])),
    );
  });

  test('leaves out what no person wrote', async () => {
    const { files, skipped } = await walk({
      'bundle.js': `/* licence */\n${'var a=1;'.repeat(1000)}\n`,
      'long.md': `${'word '.repeat(900)}\n`,
    });
    expect(files).toEqual(['long.md']);
    expect(skipped).toEqual({ 'bundle.js': 'minified or generated: its lines are too long to read' });
  });

  test('stops soon when cancelled', async () => {
    const folder = new InMemoryFolder(
      Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`${index}.txt`, ''])),
    );
    let count = 0;
    for await (const _entry of walkRoots([rootOf(folder)], caps, () => count >= 3)) count += 1;
    expect(count).toBe(3);
  });

  test('names a folder that cannot be listed and goes on', async () => {
    const folder = new InMemoryFolder({ 'a/x.ts': '', 'b.ts': '' });
    const { list } = folder;
    folder.list = async path => {
      if (path === 'a') throw new Error('permission denied');
      return list.call(folder, path);
    };
    expect(await collect(walkRoots([rootOf(folder)], caps, never))).toEqual({
      files: ['b.ts'],
      skipped: { a: 'cannot be read: permission denied' },
    });
  });
});

describe('walk after a change', () => {
  const setUp = async () => {
    const folder = new InMemoryFolder({
      '.gitignore': 'out',
      'a/b/x.ts': '1',
      'a/y.ts': '2',
      'out/z.ts': '',
      '.env': '',
    });
    const root = rootOf(folder);
    await collect(walkRoots([root], caps, never));
    return { folder, changed: (path: string) => collect(walkChanged(root, path, never)) };
  };

  test('gives a file, or all files of a folder', async () => {
    const { changed } = await setUp();
    expect((await changed('a/y.ts')).files).toEqual(['a/y.ts']);
    expect((await changed('a')).files).toEqual(['a/b/x.ts', 'a/y.ts']);
  });

  test('gives nothing for what is ignored or gone, and lists secrets as skipped', async () => {
    const { changed } = await setUp();
    expect(await changed('out/z.ts')).toEqual({ files: [], skipped: {} });
    expect(await changed('out')).toEqual({ files: [], skipped: {} });
    expect(await changed('gone/x.ts')).toEqual({ files: [], skipped: {} });
    expect(await changed('.env')).toEqual({ files: [], skipped: { '.env': 'may hold secrets' } });
  });
});

describe('a folder by its name', () => {
  const files = {
    '.gitignore': 'out\n*.log',
    'src/.gitignore': '!keep.log',
    'src/deep/a.ts': 'a',
    'src/deep/keep.log': 'kept',
    'src/deep/b.log': 'b',
    'src/deep/.env': 'SECRET=1',
    'src/deep/x.png': 'x',
    'src/c.ts': 'c',
    'out/a.js': 'a',
  };

  test('is read by the rules of the folders above it', async () => {
    const below = (folder: string) => collect(walkBelow(rootOf(new InMemoryFolder(files)), folder, never));
    expect(await below('src/deep')).toEqual({
      files: ['src/deep/a.ts', 'src/deep/keep.log'],
      skipped: { 'src/deep/.env': 'may hold secrets', 'src/deep/x.png': 'not text' },
    });
    expect(await below('out')).toEqual({ files: [], skipped: {} });
  });

  test('and all names are listed without a file being read but rules', async () => {
    const folder = new InMemoryFolder(files);
    const paths: string[] = [];
    for await (const { path, kind } of listPaths(rootOf(folder), never))
      paths.push(kind === 'directory' ? `${path}/` : path);
    expect(paths).toEqual([
      '.gitignore',
      'src/',
      'src/.gitignore',
      'src/c.ts',
      'src/deep/',
      'src/deep/a.ts',
      'src/deep/keep.log',
    ]);
    expect(new Set(folder.reads)).toEqual(new Set(['.gitignore', 'src/.gitignore']));
  });
});
