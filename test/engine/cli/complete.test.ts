// `complete` asks as the editor would: the same context, the same rules, the same form of other files.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { requestAt, type CompletionPlace } from '../../../engine/cli/complete.ts';
import { neighbourCharsMax } from '../../../engine/shared/completion/completion_request.ts';
import { contextAt, completionPrefixCharsMax } from '../../../engine/shared/completion/cursor_context.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

const folder = join(temporaryDirectory(), 'shop');
mkdirSync(join(folder, 'src'), { recursive: true });

/** A place given by a bar in the text, in a file of the folder. */
function place(marked: string, change: Partial<CompletionPlace> & { name?: string } = {}): CompletionPlace {
  const { name = 'src/a.ts', ...rest } = change;
  const file = join(folder, name);
  const before = marked.slice(0, marked.indexOf('|'));
  writeFileSync(file, marked.replace('|', ''));
  const lines = before.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  return {
    file,
    line: lines.length,
    column: lines.at(-1)!.length + 1,
    workspace: folder,
    neighbours: [],
    multiline: false,
    maxTokens: 96,
    ...rest,
  };
}
async function asked(marked: string, change: Parameters<typeof place>[1] = {}) {
  const result = await requestAt(place(marked, change));
  if ('forbiddenBy' in result) throw new Error(result.forbiddenBy.name);
  return result.params;
}

test('the text around the place goes as the editor sends it, whatever its line ends', async () => {
  expect(await asked('\uFEFFone\r\ntwo |three\r\nfour\r\n')).toMatchObject({
    path: 'src/a.ts',
    linesBefore: 'one\n',
    lineLeft: 'two ',
    suffix: 'three\nfour\n',
    neighbours: [],
    repositoryName: undefined,
  });
});

test('a long file is cut as in the editor', async () => {
  const lines = Array.from({ length: 5000 }, (_, i) => `const value${i} = 1;`);
  const at = { line: 2500, character: 5 };
  const marked = lines.with(at.line, lines[at.line]!.replace('const', 'const|')).join('\n');
  const { linesBefore, lineLeft, suffix } = contextAt(
    { lineCount: lines.length, lineAt: index => ({ text: lines[index]! }) },
    at,
  );
  expect(await asked(marked)).toMatchObject({ linesBefore, lineLeft, suffix });
  expect(linesBefore.length).toBeLessThanOrEqual(completionPrefixCharsMax);
});

test('a block is asked for where the editor asks for one, and where it is told to', async () => {
  const blockStart = 'function f() {\n  |\n}\n';
  expect((await asked(blockStart)).multiline).toBe(true);
  expect((await asked('const a = |\n')).multiline).toBe(false);
  expect((await asked('const a = |\n', { multiline: true })).multiline).toBe(true);
});

test('between code, where the editor asks only by hand, one line is asked for', async () => {
  expect(await asked('const a = | + b;\n')).toMatchObject({ multiline: false, suffix: ' + b;\n' });
});

test('other files go in the order given with the name of the workspace, their beginning only', async () => {
  const paths = ['src/b.ts', 'src/c.ts', 'src/empty.ts', '.env'].map(name => join(folder, name));
  writeFileSync(paths[0]!, '\uFEFFlet b = 1;\r\n'.repeat(500));
  writeFileSync(paths[1]!, 'let c = 1;\n');
  writeFileSync(paths[2]!, ' \n');
  writeFileSync(paths[3]!, 'KEY=secret\n');
  const { neighbours, repositoryName } = await asked('const a = |', { neighbours: paths });
  expect(repositoryName).toBe('shop');
  expect(neighbours.map(({ path }) => path)).toEqual(['src/b.ts', 'src/c.ts']);
  expect(neighbours[0]!.content).toMatch(/^(\uFEFF?let b = 1;\n)+$/);
  expect(neighbours[0]!.content.length).toBeLessThanOrEqual(neighbourCharsMax);
});

test('in a file that may hold secrets nothing is asked', async () => {
  expect(await requestAt(place('KEY=|', { name: '.env' }))).toMatchObject({
    forbiddenBy: { name: 'secret-file' },
  });
});

test('a place outside the text, and files that are not there, are named errors', async () => {
  const inside = place('ab|\n');
  for (const wrong of [
    { line: 1, column: 4 },
    { line: 3, column: 1 },
    { line: 0, column: 1 },
    { line: 1, column: 0 },
  ])
    expect((await hearthErrorOf(() => requestAt({ ...inside, ...wrong }))).code).toBe('badUsage');
  const nowhere = join(folder, 'nowhere.ts');
  expect((await hearthErrorOf(() => requestAt({ ...inside, file: nowhere }))).code).toBe('fileUnreadable');
  expect((await hearthErrorOf(() => requestAt({ ...inside, neighbours: [nowhere] }))).code).toBe(
    'fileUnreadable',
  );
});
