// Code that shows a class with only the members that change, without a word on the others. Taken as it is, it would delete them; so it
// is read as if it said where members are left out. Pure.
import { columnsOf, indentOf, isBlank } from '../../engine/shared/outline/indent.ts';
import {
  type NamedRange,
  outermost,
  outlineOf,
  startWithComments,
} from '../../engine/shared/outline/outline.ts';

const marker = '// ...';

/** The code with a mark wherever members are left out; undefined when it leaves out none, or so few that they may be meant to go. */
export function withCutsMarked(code: readonly string[], original: readonly string[]): string[] | undefined {
  const [outer, ...others] = outermost(outlineOf(code));
  if (!outer || others.length > 0 || !onlyBlank(code.slice(outer.end))) return undefined;
  const there = outermost(outlineOf(original)).find(({ name }) => name === outer.name);
  if (!there) return undefined;
  const shown = membersOf(code, outer);
  const all = membersOf(original, there);
  const missing = all.filter(({ name }) => !shown.some(member => member.name === name));
  if (shown.length === 0 || missing.length === 0 || missing.length * 2 < all.length) return undefined;

  const marked: string[] = [];
  for (const [index, line] of code.entries()) {
    if (shown.some(({ start }) => startWithComments(code, start) === index)) marked.push(marker);
    marked.push(line);
    if (shown.some(({ end }) => end === index + 1)) marked.push(marker);
  }
  return marked;
}

/** What is defined one step inside. */
function membersOf(lines: readonly string[], outer: NamedRange): NamedRange[] {
  const inside = outlineOf(lines).filter(({ start, end }) => start > outer.start && end <= outer.end);
  const columns = inside.map(({ start }) => columnsOf(indentOf(lines[start] ?? ''), 4));
  return inside.filter((_, index) => columns[index] === Math.min(...columns));
}

function onlyBlank(lines: readonly string[]): boolean {
  return lines.every(isBlank);
}
