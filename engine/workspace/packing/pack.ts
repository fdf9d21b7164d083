// Which files stand in the block of a workspace, in which order, and how the block goes on when files change: what stands there stays
// where it is, so that its state can be used again, and what is new is appended. Pure.
import { selectFiles, tokensAreMoreThan } from '../../prompt/budget.ts';
import type { BlockSection } from '../../prompt/workspace_block.ts';
import type { LeftOutFile } from '../../protocol/chat.ts';

export interface PackedFile {
  path: string;
  text: string;
  /** When it was changed last, in milliseconds since 1970; 0 where nobody knows. */
  changedAt: number;
}

/** A section with the tokens that it takes. */
type Packed = BlockSection & { tokens: number };

/** A file as the block shows it. `at`: the section that does. */
export interface Shown {
  text: string;
  tokens: number;
  at: number;
}

/** What stands in a block. */
export interface Pack {
  readonly sections: readonly Packed[];
  /** So many sections stand as they were packed; the others were appended since. */
  readonly packedCount: number;
  /** The files that the block shows, as it shows them, with the tokens of that; of each its last version. */
  readonly shown: ReadonlyMap<string, Shown>;
  readonly leftOut: readonly LeftOutFile[];
  /** Of all sections. */
  readonly tokens: number;
  readonly budgetTokens: number;
}

export interface PackOptions {
  /** Of all sections. */
  budgetTokens: number;
  count: (section: BlockSection) => number;
}

/** What is appended is packed anew when it is more than this share of the block, and more than so many tokens. */
const tailShareMax = 1 / 4;
const tailTokensMin = 512;

/** Where not all files fit, so much of the room is left for what changes: else the first edit would have all packed anew. */
const tailRoomShare = 1 / 8;

/**
 * Packs files: all of them, or those of most worth that fit; those that have not changed for the longest time come first, so that the
 * next change is likely to be near the end. `byWorth`: the files, those of most worth first; asked only when not all fit.
 */
export function pack(
  files: readonly PackedFile[],
  byWorth: () => readonly PackedFile[],
  { budgetTokens, count }: PackOptions,
): Pack {
  const counted = new Map<string, number>();
  const tokensOf = (file: PackedFile): number => {
    const tokens = counted.get(file.path) ?? count(sectionOf(file));
    counted.set(file.path, tokens);
    return tokens;
  };
  const isAll = allFit(files, budgetTokens, tokensOf);
  const inOrder = isAll ? files : byWorth();
  const { included, leftOut } = selectFiles(
    inOrder.map(file => ({
      path: file.path,
      chars: file.text.length,
      countTokens: () => tokensOf(file),
    })),
    isAll ? budgetTokens : Math.floor(budgetTokens * (1 - tailRoomShare)),
  );
  const chosen = new Map(included.map(({ path, tokens }) => [path, tokens]));
  const sections = files
    .filter(({ path }) => chosen.has(path))
    .sort(byCalm)
    .map(file => ({ ...sectionOf(file), tokens: chosen.get(file.path) as number }));
  return packOf(sections, { packedCount: sections.length, leftOut, budgetTokens });
}

/**
 * The same block with what has changed since at its end: new versions, new files as far as they fit, and, where `notes` may stand in it,
 * what was deleted or renamed. The very same pack when nothing of what it shows has changed. Undefined when the files had better be
 * packed anew: something cannot be appended, or too much was.
 */
export function goOn(
  before: Pack,
  files: readonly PackedFile[],
  { budgetTokens, count, notes }: PackOptions & { notes: boolean },
): Pack | undefined {
  if (budgetTokens !== before.budgetTokens) return undefined;
  const now = new Map(files.map(file => [file.path, file]));
  const known = new Set([...before.shown.keys(), ...before.leftOut.map(({ path }) => path)]);
  const changed = [...before.shown].flatMap(([path, { text }]) => {
    const file = now.get(path);
    return file && file.text !== text ? [file] : [];
  });
  const added = files.filter(({ path }) => !known.has(path));
  const gone = [...before.shown.keys()].filter(path => !now.has(path));
  const leftOut = before.leftOut.filter(({ path }) => now.has(path));
  if (changed.length + added.length + gone.length === 0)
    return leftOut.length === before.leftOut.length ? before : { ...before, leftOut };
  if (gone.length > 0 && !notes) return undefined;

  const sections = [...before.sections];
  // A file that is saved again and again has only its last version at the end.
  const last = sections.at(-1);
  if (sections.length > before.packedCount && changed.some(({ path }) => path === last?.path)) sections.pop();
  const append = (section: BlockSection): void => void sections.push({ ...section, tokens: count(section) });
  const movedTo = moves(gone, added, before.shown);
  for (const path of gone) {
    const to = movedTo.get(path);
    append(to === undefined ? { kind: 'deleted', path } : { kind: 'renamed', path, to });
  }
  const stands = shownBy(sections);
  for (const { path, text } of changed)
    if (stands.get(path)?.text !== text) append({ kind: stands.has(path) ? 'edited' : 'file', path, text });
  let tokens = tokensOf(sections);
  if (tokens > budgetTokens) return undefined;
  const moved = new Set(movedTo.values());
  const fresh = selectFiles(
    added
      .filter(({ path }) => !moved.has(path))
      .sort(byCalm)
      .map(file => ({ path: file.path, chars: file.text.length, countTokens: () => count(sectionOf(file)) })),
    budgetTokens - tokens,
  );
  for (const { path, tokens: its } of fresh.included)
    sections.push({ ...sectionOf(now.get(path) as PackedFile), tokens: its });
  tokens = tokensOf(sections);
  const tailTokens = tokensOf(sections.slice(before.packedCount));
  if (tailTokens > tailTokensMin && tailTokens > tailShareMax * tokens) return undefined;
  return packOf(sections, {
    packedCount: before.packedCount,
    leftOut: [...leftOut, ...fresh.leftOut],
    budgetTokens,
  });
}

/** True when all files fit; they are counted no further than that is open. */
function allFit(
  files: readonly PackedFile[],
  budgetTokens: number,
  tokensOf: (file: PackedFile) => number,
): boolean {
  const chars = files.reduce((sum, { text }) => sum + text.length, 0);
  if (tokensAreMoreThan(budgetTokens, chars)) return false;
  let used = 0;
  for (const file of files) {
    used += tokensOf(file);
    if (used > budgetTokens) return false;
  }
  return true;
}

/** Which of the files that are gone stand under another path now, with the same text. */
function moves(
  gone: readonly string[],
  added: readonly PackedFile[],
  shown: Pack['shown'],
): ReadonlyMap<string, string> {
  const byText = new Map(added.map(({ path, text }) => [text, path]));
  const to = new Map<string, string>();
  for (const path of gone) {
    const text = shown.get(path)?.text ?? '';
    const found = text === '' ? undefined : byText.get(text);
    if (found === undefined) continue;
    byText.delete(text);
    to.set(path, found);
  }
  return to;
}

function packOf(
  sections: readonly Packed[],
  rest: Pick<Pack, 'packedCount' | 'leftOut' | 'budgetTokens'>,
): Pack {
  return { sections, shown: shownBy(sections), tokens: tokensOf(sections), ...rest };
}

/** Reads the sections as the model does: what comes later replaces what came before. */
function shownBy(sections: readonly Packed[]): Map<string, Shown> {
  const shown = new Map<string, Shown>();
  for (const [at, section] of sections.entries()) {
    const { path, tokens } = section;
    if (section.kind === 'file' || section.kind === 'edited')
      shown.set(path, { text: section.text, tokens, at });
    else {
      const was = shown.get(path);
      shown.delete(path);
      if (section.kind === 'renamed' && was) shown.set(section.to, was);
    }
  }
  return shown;
}

function sectionOf({ path, text }: PackedFile): BlockSection {
  return { kind: 'file', path, text };
}

function tokensOf(sections: readonly Packed[]): number {
  return sections.reduce((sum, { tokens }) => sum + tokens, 0);
}

function byCalm(one: PackedFile, other: PackedFile): number {
  return one.changedAt - other.changedAt || (one.path < other.path ? -1 : 1);
}
