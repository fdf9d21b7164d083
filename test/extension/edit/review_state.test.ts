// A review through accepting, rejecting, undo and redo, and edits of the user in between.
import { expect, test } from 'vitest';
import { changed, linesOf, textChangeOf, type LineEdit } from '../../../extension/edit/lines.ts';
import type { Hunk } from '../../../extension/edit/hunks.ts';
import { ReviewState } from '../../../extension/edit/review_state.ts';

const original = linesOf('one\ntwo\nthree\nfour\nfive\n');
const proposed = linesOf('ONE\ntwo\nthree\nnew\nfour\n');

/** The state after the editor has made the edits. */
function make(state: ReviewState, edits: readonly LineEdit[]): void {
  const changes = edits.map(edit => textChangeOf(edit, state.lines, '\n'));
  let now = [...state.lines];
  for (const change of changes.toSorted(
    (a, b) => b.start.line - a.start.line || b.start.character - a.start.character,
  ))
    now = changed(now, change);
  state.follow(changes, now);
}

function begun(): ReviewState {
  const state = new ReviewState(original);
  make(state, state.propose(proposed));
  return state;
}

const first = (state: ReviewState): Hunk => state.hunks[0] as Hunk;
/** Undo and redo, as the editor tells of them: the whole text has become another. */
const becomes = (state: ReviewState, lines: readonly string[]): void => {
  const last = state.lines.length - 1;
  const end = { line: last, character: state.lines[last]?.length ?? 0 };
  state.follow([{ start: { line: 0, character: 0 }, end, text: lines.join('\n') }], lines);
};

test('what is proposed is in the text, and every difference is to be decided', () => {
  const state = begun();
  expect(state.lines).toEqual(proposed);
  expect(state.hunks).toHaveLength(3);
  expect(state.before).toEqual(original);
});

test('accepting changes no text, rejecting brings the old lines back', () => {
  const state = begun();
  state.accept([first(state)]);
  expect(state.hunks).toHaveLength(2);
  make(state, state.reject([first(state)]));
  expect(state.lines).toEqual(linesOf('ONE\ntwo\nthree\nfour\n'));
  make(state, state.reject(state.hunks));
  expect(state.lines).toEqual(linesOf('ONE\ntwo\nthree\nfour\nfive\n'));
  expect(state.hunks).toEqual([]);
});

test('undo of the whole ends the review, redo opens it again', () => {
  const state = begun();
  becomes(state, original);
  expect(state.hunks).toEqual([]);
  becomes(state, proposed);
  expect(state.hunks).toHaveLength(3);
});

test('undo of a rejection brings the hunk back, and what was accepted stays accepted', () => {
  const state = begun();
  state.accept([first(state)]);
  const before = state.lines;
  make(state, state.reject([first(state)]));
  expect(state.hunks).toHaveLength(1);
  becomes(state, before);
  expect(state.hunks).toHaveLength(2);
  expect(state.before).toEqual(linesOf('ONE\ntwo\nthree\nfour\nfive\n'));
});

test('what was accepted after a rejection is not asked about again when that is undone', () => {
  const state = begun();
  const before = state.lines;
  make(state, state.reject([first(state)]));
  state.accept([first(state)]);
  becomes(state, before);
  expect(state.hunks).toHaveLength(2);
});

test('what the user types beside hunks is kept when all is rejected', () => {
  const state = begun();
  make(state, [{ start: 2, end: 3, lines: ['three and mine'] }]);
  make(state, state.reject(state.hunks));
  expect(state.lines).toEqual(linesOf('one\ntwo\nthree and mine\nfour\nfive\n'));
});

test('a second proposal joins the first', () => {
  const state = begun();
  make(state, state.propose(linesOf('ONE\nTWO\nthree\nnew\nfour\n')));
  expect(state.before).toEqual(original);
  make(state, state.reject(state.hunks));
  expect(state.lines).toEqual(original);
});

test('a text that is told of wrongly is compared with what was there', () => {
  const state = begun();
  state.follow([], linesOf('quite\nanother\n'));
  expect(state.before).toEqual(original);
});
