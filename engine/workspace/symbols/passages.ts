// A file as passages: whole symbols where they are not too long, a long one by its members or in pieces, and what stands between them.
// Passages do not overlap, and cover every line that is not blank.
import { chunk } from '../chunker.ts';
import type { Definition, DefinitionKind } from './definition.ts';

/** A longer symbol is cut: it would take the room of all others. */
const symbolLinesMax = 80;
const symbolCharsMax = 4_000;
/** Neighbours that together are no longer than this are one passage: constants, one-line types. */
const joinedLinesMax = 12;

export interface SymbolName {
  name: string;
  kind: DefinitionKind;
  /** 1-based. */
  line: number;
  exported: boolean;
  /** True for a member that the passage's own symbol holds. */
  isMember: boolean;
}

/** Lines are 1-based, inclusive. */
export interface Passage {
  startLine: number;
  endLine: number;
  /** What it defines. */
  names: SymbolName[];
  /** What it is a part of, outermost first. */
  owners: string[];
}

export function passagesOf(text: string, definitions: readonly Definition[]): Passage[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const cut = new Cut(lines);
  cut.between(1, lines.length, definitions, []);
  return cut.passages;
}

class Cut {
  readonly passages: Passage[] = [];
  readonly lines: readonly string[];

  constructor(lines: readonly string[]) {
    this.lines = lines;
  }

  /** Passages of lines `from` to `to`, which hold these definitions. */
  between(from: number, to: number, definitions: readonly Definition[], owners: readonly string[]): void {
    let next = from;
    for (const group of grouped(definitions)) {
      const [first] = group as [Definition];
      const start = Math.max(next, Math.min(...group.map(one => one.startLine)));
      const end = Math.min(to, Math.max(...group.map(one => one.endLine)));
      if (end < start) {
        // On lines that another one has taken.
        this.passages.at(-1)?.names.push(...group.map(one => nameOf(one, false)));
        continue;
      }
      this.#rest(next, start - 1, owners);
      if (group.length > 1 || this.#fits(start, end) || first.members.length === 0)
        this.#symbol(start, end, group, owners);
      else this.#members(start, end, first, owners);
      next = end + 1;
    }
    this.#rest(next, to, owners);
  }

  #fits(start: number, end: number): boolean {
    let chars = 0;
    for (let line = start; line <= end; line++) chars += (this.lines[line - 1] as string).length + 1;
    return end - start < symbolLinesMax && chars <= symbolCharsMax;
  }

  /** A symbol, or several small ones; a long one in pieces, the first of which has the name. */
  #symbol(start: number, end: number, group: readonly Definition[], owners: readonly string[]): void {
    const names = group.flatMap(one => [nameOf(one, false), ...membersOf(one)]);
    if (this.#fits(start, end)) {
      this.passages.push({ startLine: start, endLine: end, names, owners: [...owners] });
      return;
    }
    const inner = [...owners, (group[0] as Definition).name];
    const pieces = this.#pieces(start, end);
    for (const [i, [from, to]] of pieces.entries()) {
      const here = names.filter(({ line }) => (line >= from || i === 0) && line <= to);
      this.passages.push({
        startLine: from,
        endLine: to,
        names: here,
        owners: i === 0 ? [...owners] : inner,
      });
    }
  }

  /** What stands before the first member is the heading; then each member by itself. */
  #members(start: number, end: number, definition: Definition, owners: readonly string[]): void {
    const firstMember = Math.max(start, definition.members[0]?.startLine ?? end);
    const heading = Math.max(definition.line, firstMember - 1);
    this.#symbol(start, Math.min(end, heading), [{ ...definition, members: [] }], owners);
    if (heading < end) this.between(heading + 1, end, definition.members, [...owners, definition.name]);
  }

  /** Lines that define nothing. */
  #rest(from: number, to: number, owners: readonly string[]): void {
    for (const [startLine, endLine] of this.#pieces(from, to))
      this.passages.push({ startLine, endLine, names: [], owners: [...owners] });
  }

  /** Ranges as prose is cut; blank ones are left out. */
  #pieces(from: number, to: number): [number, number][] {
    if (to < from) return [];
    return chunk('', this.lines.slice(from - 1, to).join('\n'))
      .filter(({ text }) => /[^\s{}()[\];,]/.test(text))
      .map(({ startLine, endLine }) => [startLine + from - 1, endLine + from - 1]);
  }
}

/** Small neighbours together, others alone; those that share lines are always together. */
function grouped(definitions: readonly Definition[]): Definition[][] {
  const groups: Definition[][] = [];
  let start = 0;
  let end = 0;
  for (const one of definitions) {
    const isSmall = one.members.length === 0 && one.kind !== 'function' && one.kind !== 'method';
    const last = groups.at(-1);
    const near = last && one.startLine - end <= 2 && one.endLine - start < joinedLinesMax;
    const joins =
      last &&
      ((isSmall && near && last.every(other => other.members.length === 0 && other.kind !== 'function')) ||
        (one.startLine <= end && one.endLine <= end));
    if (joins) last.push(one);
    else {
      groups.push([one]);
      start = one.startLine;
    }
    end = joins ? Math.max(end, one.endLine) : one.endLine;
  }
  return groups;
}

function nameOf({ name, kind, line, exported }: Definition, isMember: boolean): SymbolName {
  return { name, kind, line, exported, isMember };
}

function membersOf(definition: Definition): SymbolName[] {
  return definition.members.flatMap(member => [nameOf(member, true), ...membersOf(member)]);
}
