// The index in its thread: what it finds, what it reads again, and files that break it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  SymbolSearch,
  type SymbolSearchOptions,
} from '../../../../engine/workspace/symbols/symbol_search.ts';
import { temporaryDirectory } from '../../../support/temporary_directory.ts';

const open: SymbolSearch[] = [];
function search(options: Partial<SymbolSearchOptions> = {}): SymbolSearch {
  const made = new SymbolSearch({ workspace: 'w', ...options });
  open.push(made);
  return made;
}
const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
beforeEach(() => void said.mockClear());
afterEach(() => {
  for (const one of open.splice(0)) one.dispose();
});
const file = (i: number, more = '') => ({
  path: `src/f${i}.ts`,
  text: `export function name${i}() {}\n${more}`,
});
const many = Array.from({ length: 200 }, (_, i) => file(i));

test('a question waits for what is not indexed yet', async () => {
  const own = search();
  own.put(many);
  expect((await own.find('Where is name199?', 3, 60_000))[0]).toEqual({
    path: 'src/f199.ts',
    startLine: 1,
    endLine: 1,
  });
});

test('a question that does not wait gets what there is, and goes before the files', async () => {
  const own = search();
  own.put(many);
  expect(await own.find('Where is name199?', 3, 0)).toEqual([]);
});

test('files that come again as they were are found all the while', async () => {
  const own = search();
  own.put(many);
  await own.idle();
  own.put(many);
  expect(await own.find('Where is name199?', 3, 0)).not.toEqual([]);
});

test('one changed file is read alone, and found by its new text only', async () => {
  const own = search();
  own.put(many);
  await own.idle();
  expect(own.parsedCount).toBe(200);
  own.put([file(7, 'export function newName() {}\n')]);
  own.remove(['src/f8.ts']);
  expect((await own.find('Where is newName?', 1))[0]?.path).toBe('src/f7.ts');
  expect((await own.find('Where is name8?', 1))[0]?.path).not.toBe('src/f8.ts');
  await own.idle();
  expect(own.parsedCount).toBe(201);
});

test('what files export is listed in the order asked for, of those that are indexed and as they are now', async () => {
  const own = search();
  own.put(many);
  const asked = ['src/f9.ts', 'src/f1.ts', 'gone.ts'];
  expect(await own.exportsOf(asked, { charsMax: 1_000, waitMs: 0 })).toEqual(new Map());
  const first = { name: 'name9', signature: 'function name9()' };
  expect([...(await own.exportsOf(asked, { charsMax: 1_000 }))]).toEqual([
    ['src/f9.ts', [first]],
    ['src/f1.ts', [{ name: 'name1', signature: 'function name1()' }]],
  ]);
  expect([...(await own.exportsOf(asked, { charsMax: 5 }))]).toEqual([
    ['src/f9.ts', [{ name: 'name9', signature: '' }]],
  ]);
  // The text is another one before the answer comes.
  const late = own.exportsOf(asked, { charsMax: 1_000 });
  own.put([file(9, 'export const more = 1;\n')]);
  expect([...(await late).keys()]).toEqual(['src/f1.ts']);
});

test('what was kept on disk is not parsed again', async () => {
  const directory = temporaryDirectory();
  const first = search({ directory });
  first.put(many);
  await first.idle();
  // It is written a few seconds after the last change.
  const { readdirSync } = await import('node:fs');
  await vi.waitFor(
    () => expect(readdirSync(directory).some(name => name.endsWith('.outlines'))).toBe(true),
    60_000,
  );
  const second = search({ directory });
  second.put([...many.slice(1), file(500)]);
  expect((await second.find('Where is name150?', 1))[0]?.path).toBe('src/f150.ts');
  await second.idle();
  expect(second.parsedCount).toBe(1);
});

test('a place in a text that has changed since is not given', async () => {
  const own = search();
  own.put([file(1)]);
  await own.idle();
  const found = own.find('Where is name1?', 1);
  own.put([{ path: 'src/f1.ts', text: '\n\n\n' }]);
  expect(await found).toEqual([]);
});

/** A worker that hangs or ends at a file called so, and else finds the file whose path is asked for. */
function programOf(atBad: string): URL {
  const path = join(temporaryDirectory(), 'worker.mjs');
  writeFileSync(
    path,
    `import { parentPort as port } from 'node:worker_threads';
    const known = new Map();
    port.on('message', message => {
      if (message.kind === 'put') {
        for (const { path, revision, isHostile } of message.files) {
          port.postMessage({ kind: 'reading', path });
          if (path === 'bad.ts' && !isHostile) ${atBad}
          known.set(path, revision);
        }
        port.postMessage({ kind: 'idle', parsed: message.files.length });
      } else if (message.kind === 'find') {
        const places = known.has(message.question) ? [{ path: message.question, startLine: 1, endLine: 1, revision: known.get(message.question) }] : [];
        port.postMessage({ kind: 'found', id: message.id, places, unread: 0 });
      }
    });`,
  );
  return pathToFileURL(path);
}

test.each([
  ['hangs', 'for (;;);'],
  ['throws', 'throw new Error("broken");'],
  ['ends the thread', 'process.exit(3);'],
  ['eats all memory', 'for (const all = [];;) all.push(new Array(1e6).fill(0));'],
])('a file that %s is indexed without its grammar, and all others stay', async (_, atBad) => {
  const own = search({ program: programOf(atBad), fileMs: 500, memoryMb: 64 });
  own.put([file(1), { path: 'bad.ts', text: 'x' }, file(2)]);
  await own.idle();
  for (const path of ['src/f1.ts', 'bad.ts', 'src/f2.ts'])
    expect((await own.find(path, 1))[0]?.path).toBe(path);
  expect(said.mock.calls.flat().join()).toContain('the symbol index begins anew at bad.ts');
});

test('a worker that never runs is given up, and questions are answered without it', async () => {
  const own = search({ program: pathToFileURL(join(temporaryDirectory(), 'missing.mjs')) });
  own.put([file(1)]);
  await own.idle();
  expect(await own.find('Where is name1?', 1)).toEqual([]);
  own.put([file(2)]);
  await own.idle();
  expect(said.mock.calls.length).toBeLessThan(10);
});

test('after its end nothing is found and nothing waits', async () => {
  const own = search();
  own.put(many);
  const found = own.find('Where is name1?', 1);
  const idle = own.idle();
  own.dispose();
  expect(await found).toEqual([]);
  await idle;
  expect(await own.find('Where is name1?', 1)).toEqual([]);
});
