// Hunks: made, accepted and rejected in every order, and followed through changes of the text under them.
import { describe, expect, test } from 'vitest';
import {
  afterChange,
  type Hunk,
  hunksOfLines,
  lineChangeOf,
  makeHunks,
  rejection,
  textBefore,
  without,
} from '../../../extension/edit/hunks.ts';
import { changed, linesOf, textChangeOf, type TextChange } from '../../../extension/edit/lines.ts';
import { Random } from '../../support/random.ts';

const before = linesOf('a\nb\nc\nd\ne\nf\n');
const after = linesOf('a\nB\nc\nnew\nd\nf\n');

/** Hunks and text after a change. */
function follow(hunks: readonly Hunk[], lines: readonly string[], change: TextChange): [Hunk[], string[]] {
  const now = changed(lines, change);
  return [afterChange(hunks, lineChangeOf(change), { before: lines, after: now }), now];
}

const at = (line: number, character: number, text: string, end = { line, character }): TextChange => ({
  start: { line, character },
  end,
  text,
});

describe('the differences of two texts', () => {
  test('are changed, new and removed lines, each with the lines that stood there', () => {
    expect(makeHunks(before, after).map(({ start, end, removed }) => [start, end, removed])).toEqual([
      [1, 2, ['b']],
      [3, 4, []],
      [5, 5, ['e']],
    ]);
    expect(makeHunks(before, before)).toEqual([]);
    expect(makeHunks(['x'], ['y'], 7)).toMatchObject([{ start: 7, end: 8, removed: ['x'] }]);
  });

  test('have ids that stay while others go', () => {
    const hunks = makeHunks(before, after);
    const [first, second, third] = hunks.map(({ id }) => id);
    expect(new Set([first, second, third]).size).toBe(3);
    expect(without(hunks, hunks[0] as Hunk).map(({ id }) => id)).toEqual([second, third]);
  });

  test('rejected in any order give the text before, whatever the texts', () => {
    const random = new Random(7);
    for (let round = 0; round < 300; round++) {
      const some = (): string[] =>
        Array.from({ length: 1 + random.int(8) }, () => 'abc'[random.int(3)] ?? '');
      const [old, now] = [some(), some()];
      let hunks = makeHunks(old, now);
      expect(textBefore(now, hunks)).toEqual(old);
      let lines = now;
      while (hunks.length > 0) {
        const hunk = hunks[random.int(hunks.length)] as Hunk;
        const change = textChangeOf(rejection(hunk), lines, '\n');
        lines = changed(lines, change);
        hunks = without(hunks, hunk);
      }
      // An empty text is one empty line.
      expect(lines).toEqual(old);
    }
  });

  test('accepted are no longer taken back', () => {
    const hunks = makeHunks(before, after);
    const left = hunks.slice(1);
    expect(textBefore(after, left)).toEqual(linesOf('a\nB\nc\nd\ne\nf\n'));
  });
});

test('hunks are found by the lines that they replaced', () => {
  const hunks = makeHunks(linesOf('a\nb\nc\nd\ne\nf\ng'), linesOf('new\nnew\na\nB\nB\nc\nd\ne\nG'));
  const at = (start: number, end: number): number[] =>
    hunksOfLines(hunks, { start, end }).map(hunk => hunk.start);
  expect(hunks.map(({ start }) => start)).toEqual([0, 3, 8]);
  expect(at(1, 2)).toEqual([3]);
  expect(at(3, 4)).toEqual([]);
  expect(at(5, 7)).toEqual([8]);
  expect(at(0, 7)).toEqual([0, 3, 8]);
});

describe('a change of the text', () => {
  const hunks = makeHunks(before, after);

  test('above moves the hunks, and below leaves them', () => {
    const [above] = follow(hunks, after, at(0, 0, 'x\ny\n'));
    expect(above.map(({ start, end }) => [start, end])).toEqual([
      [3, 4],
      [5, 6],
      [7, 7],
    ]);
    const [below] = follow(hunks, after, at(5, 1, ' and more\nlines'));
    expect(below).toEqual(hunks);
  });

  test('beside a hunk is the user’s own and stays when all is rejected', () => {
    const [moved, lines] = follow(hunks, after, at(2, 1, ' mine'));
    expect(textBefore(lines, moved)).toEqual(linesOf('a\nb\nc mine\nd\ne\nf\n'));
  });

  test('in a hunk becomes a part of it', () => {
    const [same, lines] = follow(hunks, after, at(1, 1, ' mine\nmore'));
    expect(same[0]).toMatchObject({ id: hunks[0]?.id, start: 1, end: 3, removed: ['b'] });
    expect(textBefore(lines, same)).toEqual(before);
  });

  test('over several hunks and the lines between makes them one', () => {
    const [one, lines] = follow(hunks, after, at(0, 1, 'Z', { line: 4, character: 0 }));
    expect(one).toHaveLength(1);
    expect(textBefore(lines, one)).toEqual(before);
  });

  test('over a place where lines were removed keeps them', () => {
    const [one, lines] = follow(hunks, after, at(4, 0, 'Q', { line: 5, character: 1 }));
    expect(textBefore(lines, one)).toEqual(before);
  });

  test('that takes all between two hunks away makes them one', () => {
    const [one, lines] = follow(hunks, after, at(4, 0, '', { line: 5, character: 0 }));
    expect(one).toHaveLength(2);
    expect(textBefore(lines, one)).toEqual(linesOf('a\nb\nc\ne\nf\n'));
  });

  test('that brings the old lines back ends the hunk', () => {
    const [left] = follow(hunks, after, at(1, 0, 'b', { line: 1, character: 1 }));
    expect(left.map(({ id }) => id)).toEqual(hunks.slice(1).map(({ id }) => id));
  });

  test('of whatever kind: with all hunks rejected, nothing of the old text is lost that the change did not touch', () => {
    const random = new Random(11);
    for (let round = 0; round < 500; round++) {
      const old = Array.from({ length: 6 }, (_, index) => `line ${index}`);
      const now = old.flatMap(line => {
        const what = random.int(5);
        return what === 0 ? [] : what === 1 ? [line.toUpperCase()] : what === 2 ? [line, 'new'] : [line];
      });
      if (now.length === 0) continue;
      const start = random.int(now.length);
      const end = start + random.int(now.length - start);
      const change: TextChange = {
        start: { line: start, character: random.int((now[start]?.length ?? 0) + 1) },
        end: { line: end, character: now[end]?.length ?? 0 },
        text: ['', 'typed', 'typed\ntwice', '\n'][random.int(4)] ?? '',
      };
      const [hunks, lines] = follow(makeHunks(old, now), now, change);
      for (const { start: from, end: to } of hunks) {
        expect(from).toBeLessThanOrEqual(to);
        expect(to).toBeLessThanOrEqual(lines.length);
      }
      const back = textBefore(lines, hunks);
      // Each old line is there again, unless the change deleted it outside of every hunk.
      const deleted = new Set(now.slice(start, end + 1));
      for (const line of old) if (!deleted.has(line)) expect(back.join('\n')).toContain(line);
    }
  });
});

test('whole lines are told from parts of lines', () => {
  expect(lineChangeOf(at(3, 0, 'x\n'))).toEqual({ start: 3, end: 3, count: 1 });
  expect(lineChangeOf(at(3, 0, '', { line: 5, character: 0 }))).toEqual({ start: 3, end: 5, count: 0 });
  expect(lineChangeOf(at(3, 0, 'x'))).toEqual({ start: 3, end: 4, count: 1 });
  expect(lineChangeOf(at(3, 2, '\r\n'))).toEqual({ start: 3, end: 4, count: 2 });
});
