// What stands in a workspace's block and how it goes on: nothing that stands there moves unless it is packed anew.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sectionText, type BlockSection } from '../../../../engine/prompt/workspace_block.ts';
import {
  goOn,
  mapOf,
  pack,
  withExports,
  type Pack,
  type PackedFile,
} from '../../../../engine/workspace/packing/pack.ts';

/** A token a character. */
const count = (section: BlockSection): number => sectionText(section).length;
const options = { budgetTokens: 10_000, count };
const file = (path: string, text: string, changedAt = 0): PackedFile => ({ path, text, changedAt });
const packed = (files: PackedFile[], budgetTokens = options.budgetTokens): Pack =>
  pack(files, () => files, { budgetTokens, count });
const next = (before: Pack, files: PackedFile[], notes = true): Pack | undefined =>
  goOn(before, files, { ...options, budgetTokens: before.budgetTokens, notes });
const headings = ({ sections }: Pack): string[] =>
  sections.map(section => sectionText(section).split('\n')[0] ?? '');

const files = [
  file('a.ts', 'one\n'.repeat(50)),
  file('b.ts', 'two\n'.repeat(50)),
  file('c.ts', 'three\n'.repeat(50)),
];
const changed = (path: string, text: string): PackedFile[] =>
  files.map(one => (one.path === path ? { ...one, text } : one));

describe('packing', () => {
  test('puts files first that have not changed for the longest time, and then goes by path', () => {
    const order = packed([file('a', 'x', 30), file('b', 'x', 10), file('d', 'x', 20), file('c', 'x', 20)]);
    expect(headings(order)).toEqual(['## b', '## c', '## d', '## a']);
  });

  test('asks for worth only when not all fit, and leaves out what is worth least', () => {
    const never = (): PackedFile[] => expect.unreachable('all files fit');
    expect(pack(files, never, options).leftOut).toEqual([]);
    const some = pack(files, () => files.toReversed(), { budgetTokens: 640, count });
    expect(headings(some)).toEqual(['## b.ts', '## c.ts']);
    expect(some.leftOut.map(({ path }) => path)).toEqual(['a.ts']);
    expect(some.tokens).toBe(some.sections.reduce((sum, section) => sum + count(section), 0));
  });
});

describe('a map', () => {
  const map = { tokensMax: 300, countText: (text: string) => text.length };
  const withMap = (given: PackedFile[], budgetTokens: number): Pack =>
    pack(given, () => given, { budgetTokens, count, map });
  /** One of three files has room. */
  const some = withMap(files, 600);

  test('stands first, and names the files that have no room beside it', () => {
    expect(headings(some)).toEqual(['## Other files', '## a.ts']);
    expect(mapOf(some)?.text).toBe('b.ts\nc.ts\n');
    expect([...some.mapped]).toEqual(some.leftOut.map(({ path }) => path));
    expect(some.tokens).toBe(some.sections.reduce((sum, section) => sum + count(section), 0));
  });

  test('is not made when all files have room, or when none is wanted', () => {
    expect(mapOf(withMap(files, 10_000))).toBeUndefined();
    expect(withMap(files, 10_000)).toEqual(packed(files));
    const without = packed(files, 600);
    expect([mapOf(without), without.mapped.size]).toEqual([undefined, 0]);
    // Nothing is kept for it then.
    expect(headings(without)).toEqual(['## a.ts', '## b.ts']);
  });

  test('says what the files export once that is known, and nothing else moves', () => {
    const exports = new Map([['c.ts', [{ name: 'three', signature: 'function three()' }]]]);
    const more = withExports(some, exports, { count, map });
    expect(mapOf(more)?.text).toBe('b.ts\nc.ts\n  function three()\n');
    expect(more.sections.slice(1)).toEqual(some.sections.slice(1));
    expect(more.tokens).toBe(more.sections.reduce((sum, section) => sum + count(section), 0));
    expect(packed(files)).toEqual(withExports(packed(files), exports, { count, map }));
    // Where folders stand for files, there is nothing to add.
    const long = [
      ...files,
      ...Array.from({ length: 30 }, (_, i) => file(`src/file${i}.ts`, 'x'.repeat(600))),
    ];
    const folders = withMap(long, 600);
    expect(mapOf(folders)?.text).toContain('src/ (');
    expect(withExports(folders, exports, { count, map })).toBe(folders);
    // What was appended meanwhile has its room.
    const full = next(some, changed('a.ts', 'new\n'.repeat(50))) as Pack;
    const tight = { ...full, budgetTokens: full.tokens };
    expect(mapOf(withExports(tight, exports, { count, map }))?.text).toBe('b.ts\nc.ts\n');
  });

  test('stays as it is when files change, and what it names and is gone is noted once', () => {
    const edited = next(some, changed('c.ts', 'export const other = 1;\n')) as Pack;
    expect(edited).toBe(some);
    const less = next(some, files.slice(0, 2)) as Pack;
    expect(headings(less)).toEqual(['## Other files', '## a.ts', '## c.ts (deleted)']);
    expect(less.sections[0]).toBe(some.sections[0]);
    expect([...less.mapped]).toEqual(['b.ts']);
    expect(next(less, files.slice(0, 2))).toBe(less);
  });
});

describe('going on', () => {
  test('gives the very same pack when nothing that it shows has changed', () => {
    const before = packed(files);
    expect(
      next(
        before,
        files.map(one => ({ ...one, changedAt: 5 })),
      ),
    ).toBe(before);
    const some = pack(files, () => files.toReversed(), { budgetTokens: 640, count });
    // A file that is not shown may change.
    expect(next(some, changed('a.ts', 'new'))).toBe(some);
    expect(next(some, files.slice(1))?.sections).toBe(some.sections);
    expect(next(some, files.slice(1))?.leftOut).toEqual([]);
  });

  test('appends a new version, of which the last one replaces the one before it', () => {
    const before = packed(files);
    const once = next(before, changed('a.ts', 'new\n')) as Pack;
    expect(headings(once)).toEqual(['## a.ts', '## b.ts', '## c.ts', '## a.ts (edited)']);
    expect(once.shown.get('a.ts')?.text).toBe('new\n');
    const twice = next(once, changed('a.ts', 'newer\n')) as Pack;
    expect(twice.sections).toHaveLength(4);
    expect(twice.shown.get('a.ts')?.text).toBe('newer\n');
    expect(next(twice, files)?.sections).toEqual(before.sections);
  });

  test('has room for a new version where not all files fit', () => {
    const some = pack(files, () => files.toReversed(), { budgetTokens: 600, count });
    expect(some.leftOut).toHaveLength(2);
    const more = next(some, changed('c.ts', 'new\n')) as Pack;
    expect(more.sections[0]).toBe(some.sections[0]);
    expect(headings(more).at(-1)).toBe('## c.ts (edited)');
  });

  test('appends a new file, first as a file and then, when it changes, still as one', () => {
    const before = packed(files);
    const more = next(before, [...files, file('d.ts', 'x')]) as Pack;
    expect(headings(more).at(-1)).toBe('## d.ts');
    expect(headings(next(more, [...files, file('d.ts', 'y')]) as Pack).at(-1)).toBe('## d.ts');
    const other = next(more, [...changed('a.ts', 'new'), file('d.ts', 'x')]) as Pack;
    const both = next(other, [...changed('a.ts', 'new'), file('d.ts', 'y')]) as Pack;
    expect(headings(both).slice(-3)).toEqual(['## d.ts', '## a.ts (edited)', '## d.ts (edited)']);
  });

  test('notes what was deleted or renamed, or packs anew where notes may not stand', () => {
    const before = packed(files);
    const less = next(before, files.slice(1)) as Pack;
    expect(headings(less).at(-1)).toBe('## a.ts (deleted)');
    expect([...less.shown.keys()]).toEqual(['b.ts', 'c.ts']);
    const back = next(less, files) as Pack;
    expect(headings(back).at(-1)).toBe('## a.ts');
    const moved = [file('z.ts', files[0]!.text), ...files.slice(1)];
    const renamed = next(before, moved) as Pack;
    expect(headings(renamed).at(-1)).toBe('## a.ts (renamed to z.ts)');
    expect(renamed.shown.get('z.ts')?.text).toBe(files[0]!.text);
    expect(next(renamed, moved)).toBe(renamed);
    expect(next(before, files.slice(1), false)).toBeUndefined();
  });

  test('leaves out a new file that does not fit, and packs anew when a new version does not', () => {
    const before = packed(files, 900);
    const long = file('d.ts', 'x'.repeat(500));
    const full = next(before, [...files, long]) as Pack;
    expect(full.sections).toEqual(before.sections);
    expect(full.leftOut.map(({ path }) => path)).toEqual(['d.ts']);
    expect(next(before, changed('a.ts', 'x'.repeat(500)))).toBeUndefined();
  });

  test('ends when more than a quarter was appended, unless that is little, and when the budget is another', () => {
    const before = packed(files);
    expect(next(before, changed('a.ts', 'x'.repeat(450)))).toBeDefined();
    expect(next(before, changed('a.ts', 'x'.repeat(600)))).toBeUndefined();
    const large = packed([...files, file('e.ts', 'x'.repeat(3_000))]);
    expect(next(large, [...changed('a.ts', 'x'.repeat(600)), file('e.ts', 'x'.repeat(3_000))])).toBeDefined();
    expect(goOn(before, files, { ...options, budgetTokens: 1, notes: true })).toBeUndefined();
  });
});

test('after any changes the block shows every file as it is, or names it as left out, within its budget', () => {
  const paths = ['a', 'b', 'c', 'd', 'e', 'f'];
  const tree = fc.dictionary(
    fc.constantFrom(...paths),
    fc.constantFrom('', 'x', 'yy\n'.repeat(40), 'z'.repeat(150)),
  );
  fc.assert(
    fc.property(
      fc.array(tree, { minLength: 2, maxLength: 8 }),
      fc.integer({ min: 0, max: 700 }),
      (trees, budgetTokens) => {
        let now: Pack | undefined;
        for (const texts of trees) {
          const all = Object.entries(texts).map(([path, text]) => file(path, text));
          const grown = now && next(now, all);
          const before = now;
          now = grown ?? packed(all, budgetTokens);
          expect(now.tokens).toBeLessThanOrEqual(budgetTokens);
          const shown = Object.fromEntries([...now.shown].map(([path, { text }]) => [path, text]));
          const left = now.leftOut.map(({ path }) => path);
          expect({ ...shown, ...Object.fromEntries(left.map(path => [path, texts[path]])) }).toEqual({
            ...texts,
          });
          expect(left.filter(path => path in shown)).toEqual([]);
          if (grown && before)
            expect(grown.sections.slice(0, before.packedCount)).toEqual(
              before.sections.slice(0, before.packedCount),
            );
        }
      },
    ),
  );
});
