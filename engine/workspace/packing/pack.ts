// Which files stand in the block of a workspace, in which order, and how the block goes on when files change: what stands there stays
// where it is, so that its state can be used again, and what is new is appended. Pure.
import { selectFiles, tokensAreMoreThan } from '../../prompt/budget.ts';
import type { BlockSection } from '../../prompt/workspace_block.ts';
import type { LeftOutFile } from '../../protocol/chat.ts';
import { repositoryMap, type FileExports, type RepositoryMap } from './repository_map.ts';

export interface PackedFile {
  path: string;
  text: string;
  /** When it was changed last, in milliseconds since 1970; 0 where nobody knows. */
  changedAt: number;
}

/** The map, as it stands at the head of a block. */
export type MapSection = { kind: 'map'; tokens: number } & RepositoryMap;

/** A section with the tokens that it takes. */
type Packed = (Exclude<BlockSection, { kind: 'map' }> & { tokens: number }) | MapSection;

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
  /** The files that the map names, but those that a later section says are gone. */
  readonly mapped: ReadonlySet<string>;
  /** Where the block was packed by worth, what has least worth comes last; what was added since comes behind that. */
  readonly leftOut: readonly LeftOutFile[];
  /** Of all sections. */
  readonly tokens: number;
  readonly budgetTokens: number;
}

export interface PackOptions {
  /** Of all sections. */
  budgetTokens: number;
  count: (section: BlockSection) => number;
  /** For a map of the files that are left out; unset: none is made. */
  map?: MapOptions | undefined;
}

export interface MapOptions {
  /** Of the map, and of `budgetTokens`. */
  tokensMax: number;
  /** Of lines by themselves. */
  countText: (text: string) => number;
}

/** What is appended is packed anew when it is more than this share of the block, and more than so many tokens. */
const tailShareMax = 1 / 4;
const tailTokensMin = 512;

/** Where not all files fit, so much of the room is left for what changes: else the first edit would have all packed anew. */
const tailRoomShare = 1 / 8;

/**
 * Packs files: all of them, or those of most worth that fit; those that have not changed for the longest time come first, so that the
 * next change is likely to be near the end. `byWorth`: the files, those of most worth first; asked only when not all fit. Then a map
 * stands first, if one is wanted, which names the files that are left out, still without what they export.
 */
export function pack(
  files: readonly PackedFile[],
  byWorth: () => readonly PackedFile[],
  { budgetTokens, count, map }: PackOptions,
): Pack {
  const counted = new Map<string, number>();
  const tokensOf = (file: PackedFile): number => {
    const tokens = counted.get(file.path) ?? count(sectionOf(file));
    counted.set(file.path, tokens);
    return tokens;
  };
  const doAllFit = allFit(files, budgetTokens, tokensOf);
  const inOrder = doAllFit ? files : byWorth();
  const leftFree = Math.ceil(budgetTokens * tailRoomShare) + (map?.tokensMax ?? 0);
  const { included, leftOut } = selectFiles(
    inOrder.map(file => ({
      path: file.path,
      chars: file.text.length,
      countTokens: () => tokensOf(file),
    })),
    doAllFit ? budgetTokens : budgetTokens - leftFree,
  );
  const chosen = new Map(included.map(({ path, tokens }) => [path, tokens]));
  const sections = files
    .filter(({ path }) => chosen.has(path))
    .sort(byCalm)
    .map((file): Packed => ({ ...sectionOf(file), tokens: chosen.get(file.path) as number }));
  const unseen = leftOut.map(({ path }) => path);
  const head = map && mapSection(unseen, noExports, { ...map, count });
  const all = head ? [head, ...sections] : sections;
  return packOf(all, { packedCount: all.length, leftOut, budgetTokens });
}

const noExports: FileExports = new Map();

/** The map of a block, if it has one. */
export function mapOf(pack: Pack | undefined): MapSection | undefined {
  const first = pack?.sections[0];
  return first?.kind === 'map' ? first : undefined;
}

/** The same block, whose map also says what its files export, as far as there is room. Its beginning is another one then. */
export function withExports(
  pack: Pack,
  exports: FileExports,
  { count, map }: Pick<PackOptions, 'count' | 'map'>,
): Pack {
  const before = mapOf(pack);
  if (!before?.isWhole || !map) return pack;
  // What was appended meanwhile may have taken the rest.
  const tokensMax = Math.min(map.tokensMax, pack.budgetTokens - pack.tokens + before.tokens);
  const paths = before.paths.filter(path => pack.mapped.has(path));
  const head = mapSection(paths, exports, { ...map, tokensMax, count });
  if (!head) return pack;
  const { packedCount, leftOut, budgetTokens } = pack;
  return packOf([head, ...pack.sections.slice(1)], { packedCount, leftOut, budgetTokens });
}

function mapSection(
  byWorth: readonly string[],
  exports: FileExports,
  { tokensMax, countText, count }: MapOptions & Pick<PackOptions, 'count'>,
): MapSection | undefined {
  const tokensOfMap = (text: string): number => count({ kind: 'map', text });
  const map = repositoryMap(byWorth, exports, { tokensMax, tokensOfMap, tokensOfLines: countText });
  return map && { kind: 'map', tokens: tokensOfMap(map.text), ...map };
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
  const gone = [...before.shown.keys(), ...before.mapped].filter(path => !now.has(path));
  const leftOut = before.leftOut.filter(({ path }) => now.has(path));
  if (changed.length + added.length + gone.length === 0)
    return leftOut.length === before.leftOut.length ? before : { ...before, leftOut };
  if (gone.length > 0 && !notes) return undefined;

  const sections = [...before.sections];
  // A file that is saved again and again has only its last version at the end.
  const last = sections.at(-1);
  const lastPath = last && 'path' in last ? last.path : undefined;
  if (sections.length > before.packedCount && changed.some(({ path }) => path === lastPath)) sections.pop();
  const append = (section: Exclude<BlockSection, { kind: 'map' }>): void =>
    void sections.push({ ...section, tokens: count(section) });
  const movedTo = moves(gone, added, before.shown);
  for (const path of gone) {
    const to = movedTo.get(path);
    append(to === undefined ? { kind: 'deleted', path } : { kind: 'renamed', path, to });
  }
  const stands = readingOf(sections).shown;
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

/** All that a pack is made of; the rest follows from it. */
export type PackParts = Pick<Pack, 'sections' | 'packedCount' | 'leftOut' | 'budgetTokens'>;

/** Holds nothing but what JSON can. */
export function partsOf({ sections, packedCount, leftOut, budgetTokens }: Pack): PackParts {
  return { sections, packedCount, leftOut, budgetTokens };
}

/** The pack of these parts. */
export function packFrom({ sections, ...rest }: PackParts): Pack {
  return packOf(sections, rest);
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
  return { sections, ...readingOf(sections), tokens: tokensOf(sections), ...rest };
}

/** Reads the sections as the model does: what comes later replaces what came before. */
function readingOf(sections: readonly Packed[]): { shown: Map<string, Shown>; mapped: Set<string> } {
  const shown = new Map<string, Shown>();
  const mapped = new Set<string>();
  for (const [at, section] of sections.entries()) {
    if (section.kind === 'map') {
      for (const path of section.paths) mapped.add(path);
      continue;
    }
    const { path, tokens } = section;
    mapped.delete(path);
    if (section.kind === 'file' || section.kind === 'edited')
      shown.set(path, { text: section.text, tokens, at });
    else {
      const was = shown.get(path);
      shown.delete(path);
      if (section.kind === 'renamed' && was) shown.set(section.to, was);
    }
  }
  return { shown, mapped };
}

function sectionOf({ path, text }: PackedFile): BlockSection & { kind: 'file' } {
  return { kind: 'file', path, text };
}

function tokensOf(sections: readonly Packed[]): number {
  return sections.reduce((sum, { tokens }) => sum + tokens, 0);
}

function byCalm(one: PackedFile, other: PackedFile): number {
  return one.changedAt - other.changedAt || (one.path < other.path ? -1 : 1);
}
