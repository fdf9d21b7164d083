// The review of one text: its hunks, followed through everything that changes the text. Texts that were there during the review are
// remembered with their hunks, so that undo and redo bring both back. Knows no editor.
import { afterChange, type Hunk, lineChangeOf, makeHunks, rejection, textBefore, without } from './hunks.ts';
import { changed, editLines, type LineEdit, type TextChange } from './lines.ts';

/** More steps than this back, undo brings the text without its hunks. */
const rememberedMax = 40;

export class ReviewState {
  #lines: readonly string[];
  #hunks: readonly Hunk[];
  readonly #remembered = new Map<string, readonly Hunk[]>();

  constructor(lines: readonly string[], hunks: readonly Hunk[] = []) {
    this.#lines = lines;
    this.#hunks = hunks;
    this.#remember(lines, hunks);
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  get hunks(): readonly Hunk[] {
    return this.#hunks;
  }

  /** The text with every hunk taken back. */
  get before(): readonly string[] {
    return textBefore(this.#lines, this.#hunks);
  }

  /** Nothing is left to decide about these hunks. */
  accept(hunks: readonly Hunk[]): void {
    const open = (all: readonly Hunk[]): Hunk[] =>
      all.filter(({ id }) => !hunks.some(accepted => accepted.id === id));
    this.#hunks = open(this.#hunks);
    // Undo of something else does not ask about them again.
    for (const [key, all] of this.#remembered) this.#remembered.set(key, open(all));
    this.#remember(this.#lines, this.#hunks);
  }

  /** The edits that take these hunks back; once they are made, `follow` knows what is left. */
  reject(hunks: readonly Hunk[]): LineEdit[] {
    let left = this.#hunks;
    for (const { id } of hunks) {
      const hunk = left.find(one => one.id === id);
      if (hunk) left = without(left, hunk);
    }
    const edits = hunks.map(rejection);
    this.#remember(this.#lines, this.#hunks);
    this.#remember(editLines(this.#lines, edits), left);
    return edits;
  }

  /** The edits that bring the text to `proposed`; once they are made, all that differs from the text before is to be decided. */
  propose(proposed: readonly string[]): LineEdit[] {
    const edits = makeHunks(proposed, this.#lines).map(rejection);
    this.#remember(this.#lines, this.#hunks);
    this.#remember(proposed, makeHunks(this.before, proposed));
    return edits;
  }

  /** The text has changed. The places of the changes are those before any of them. */
  follow(changes: readonly TextChange[], now: readonly string[]): void {
    const known = this.#remembered.get(keyOf(now));
    this.#hunks = known ?? this.#moved(changes, now);
    this.#lines = now;
  }

  #moved(changes: readonly TextChange[], now: readonly string[]): Hunk[] {
    let hunks = [...this.#hunks];
    let lines = [...this.#lines];
    const fromBelow = changes.toSorted(
      (a, b) => b.start.line - a.start.line || b.start.character - a.start.character,
    );
    for (const change of fromBelow) {
      const after = changed(lines, change);
      hunks = afterChange(hunks, lineChangeOf(change), { before: lines, after });
      lines = after;
    }
    // A text that came to be in another way than it was told: all that differs is to be decided.
    return keyOf(lines) === keyOf(now) ? hunks : makeHunks(this.before, now);
  }

  #remember(lines: readonly string[], hunks: readonly Hunk[]): void {
    const key = keyOf(lines);
    this.#remembered.delete(key);
    this.#remembered.set(key, hunks);
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > rememberedMax && oldest !== undefined) this.#remembered.delete(oldest);
  }
}

function keyOf(lines: readonly string[]): string {
  return lines.join('\n');
}
