// Names files with what they export in as few tokens as there is room for, so that a model knows what exists beside what it sees. What is
// left out first: signatures, then names of symbols, then paths, of which folders with counts remain; always those of least worth. Pure.
import { tokensAreMoreThan } from '../../prompt/budget.ts';
import type { ExportedSymbol } from '../symbols/exported_symbols.ts';

/** By path. Of a file that is missing nothing is known. */
export type FileExports = ReadonlyMap<string, readonly ExportedSymbol[]>;

export interface RepositoryMap {
  /** Lines, by path. */
  text: string;
  /** The files that it names, those of most worth first. */
  paths: readonly string[];
  /** It names all files that it was given, so that more can be said of them. */
  isWhole: boolean;
}

export interface MapRoom {
  /** Of all of it. */
  tokensMax: number;
  tokensOfMap: (text: string) => number;
  /** Of lines by themselves. */
  tokensOfLines: (text: string) => number;
}

/** Where not all paths fit, folders have this share of the room. */
const foldersShare = 1 / 4;
/** Folders are no deeper than this. */
const folderDepthMax = 6;

/** A map of files, those of most worth first. The same for the same files. Undefined where it has no room at all. */
export function repositoryMap(
  byWorth: readonly string[],
  exports: FileExports,
  { tokensMax, tokensOfMap, tokensOfLines }: MapRoom,
): RepositoryMap | undefined {
  // Lines are counted one by one; should they take more together, less is taken.
  let room = tokensMax - tokensOfMap('');
  while (room > 0) {
    const map = filled(byWorth, exports, new Room(room, tokensOfLines));
    if (!map) return undefined;
    const over = tokensOfMap(map.text) - tokensMax;
    if (over <= 0) return map;
    room -= over;
  }
  return undefined;
}

/** What is left of the tokens. */
class Room {
  constructor(
    public tokens: number,
    readonly tokensOf: (text: string) => number,
  ) {}

  /** Tokens of the text; undefined where they are more than there is room for, with what `instead` gives back. */
  tokensIfFits(text: string, instead = 0): number | undefined {
    if (tokensAreMoreThan(this.tokens + instead, text.length)) return undefined;
    const tokens = this.tokensOf(text);
    return tokens <= this.tokens + instead ? tokens : undefined;
  }
}

interface Line {
  text: string;
  tokens: number;
}

function filled(byWorth: readonly string[], exports: FileExports, room: Room): RepositoryMap | undefined {
  const lines = new Map<string, Line>();
  const replace = (path: string, text: string): boolean => {
    const before = lines.get(path)?.tokens ?? 0;
    const tokens = room.tokensIfFits(text, before);
    if (tokens === undefined) return false;
    room.tokens += before - tokens;
    lines.set(path, { text, tokens });
    return true;
  };
  const isWhole = byWorth.every(path => replace(path, `${path}\n`));
  if (!isWhole) nameFolders(byWorth, lines, room);
  if (lines.size === 0) return undefined;
  const paths = byWorth.filter(path => lines.has(path));
  if (isWhole) {
    const withSymbols = paths.filter(path => exports.get(path)?.length);
    const symbolsOf = (path: string): readonly ExportedSymbol[] => exports.get(path) as ExportedSymbol[];
    // A file with many names may have no room where one of less worth has.
    const named = withSymbols.filter(path => replace(path, namesLine(path, symbolsOf(path))));
    for (const path of named) replace(path, signatureLines(path, symbolsOf(path)));
  }
  const inOrder = [...lines].sort(([one], [other]) => (one < other ? -1 : 1));
  return { text: inOrder.map(([, { text }]) => text).join(''), paths, isWhole };
}

function namesLine(path: string, symbols: readonly ExportedSymbol[]): string {
  return `${path}: ${[...new Set(symbols.map(({ name }) => name))].join(', ')}\n`;
}

function signatureLines(path: string, symbols: readonly ExportedSymbol[]): string {
  const lines = symbols.map(({ name, signature }) => `  ${signature || name}\n`);
  return `${path}\n${lines.join('')}`;
}

/** Takes paths away again, those of least worth first, until there is room for folders that stand for them. */
function nameFolders(byWorth: readonly string[], lines: Map<string, Line>, room: Room): void {
  const wanted = Math.floor((room.tokens + sum(lines.values())) * foldersShare);
  const takeLast = (path: string): void => {
    room.tokens += lines.get(path)?.tokens ?? 0;
    lines.delete(path);
  };
  const named = byWorth.filter(path => lines.has(path));
  while (named.length > 0 && room.tokens < wanted) takeLast(named.pop() as string);
  for (;;) {
    const unnamed = byWorth.slice(named.length);
    for (let depth = folderDepthMax; depth >= 0; depth--) {
      const folders = [...foldersOf(unnamed, depth)].map(([folder, count]) => ({
        folder,
        text: `${folder && `${folder} `}(${count} more ${count === 1 ? 'file' : 'files'})\n`,
      }));
      if (room.tokensIfFits(folders.map(({ text }) => text).join('')) === undefined) continue;
      // The last one of its folder in the order of the lines; no path is like it.
      for (const { folder, text } of folders) lines.set(`${folder}\uffff`, { text, tokens: 0 });
      return;
    }
    const last = named.pop();
    if (last === undefined) return;
    takeLast(last);
  }
}

/** How many of the files lie in which folders, which end with a slash; deeper ones are counted in that at `depth`. */
function foldersOf(paths: readonly string[], depth: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const path of paths) {
    const folders = path.split('/').slice(0, -1).slice(0, depth);
    const folder = folders.map(name => `${name}/`).join('');
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return counts;
}

function sum(lines: Iterable<Line>): number {
  let tokens = 0;
  for (const line of lines) tokens += line.tokens;
  return tokens;
}
