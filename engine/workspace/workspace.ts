// One workspace in memory: files by path, what of them is in the prompt's block, and the places that answer a question.
import { phrase } from '../protocol/phrase.ts';
import type { LeftOutFile, SourceLink } from '../protocol/chat.ts';
import { limits } from '../protocol/limits.ts';
import type { AskedSymbol, FoundSymbol, IngestParams, WorkspaceStatus } from '../protocol/workspace.ts';
import { workspaceBlock } from '../prompt/workspace_block.ts';
import { citationsOf } from './cite.ts';
import { mapOf, type Pack, type PackedFile } from './packing/pack.ts';
import type { FileExports } from './packing/repository_map.ts';
import type { FoundPlace } from './symbols/find_places.ts';
import type { IndexedSymbol } from './symbols/look_up_symbol.ts';
import { SymbolSearch } from './symbols/symbol_search.ts';

interface StoredFile {
  uri: string;
  text: string;
  changedAt: number;
}

/** A place that may answer a question, with its text. */
export interface RankedPlace extends FoundPlace {
  text: string;
}

/** What of a workspace is in the prompt of an answer. */
export interface Seen {
  /** As it was laid out then. */
  status: WorkspaceStatus;
  /** Of files that it does not include. */
  excerpts: readonly RankedPlace[];
}

const workspaceTooLarge = phrase`the workspace is too large`;

const sourcesMax = 5;
/** Places for one question: more than have room as excerpts. */
const placesMax = 60;

export class Workspace {
  readonly #files = new Map<string, StoredFile>();
  readonly #search: SymbolSearch;
  /** Files that the search may have, and that may be gone. */
  readonly #searched = new Set<string>();
  #skipped: LeftOutFile[] = [];
  #pack: Pack | undefined;
  #block: string | undefined;
  #recentPaths: readonly string[] = [];
  #decided = '';
  #blockTokensMax: number | undefined;
  #status: WorkspaceStatus;

  constructor(
    readonly uri: string,
    /** What the model is told that it is called. */
    readonly name: string,
    /** Where outlines of files are kept; unset: nowhere. */
    symbolsDirectory?: string,
  ) {
    this.#search = new SymbolSearch({ workspace: uri, directory: symbolsDirectory });
    this.#status = {
      workspace: uri,
      fileCount: 0,
      included: [],
      leftOut: [],
      blockTokens: 0,
      budgetTokens: 0,
    };
  }

  get status(): WorkspaceStatus {
    return this.#status;
  }
  /** The block's text; undefined until the files have been packed. */
  get block(): string | undefined {
    return this.#block;
  }
  /** What stands in the block; undefined until the files have been packed. */
  get pack(): Pack | undefined {
    return this.#pack;
  }
  /** Files that are open or were lately, the one looked at last first. */
  /** See IngestParams. */
  get decided(): string {
    return this.#decided;
  }
  get recentPaths(): readonly string[] {
    return this.#recentPaths;
  }
  /** Most tokens of the block, as the last batch asked; undefined: as many as the model allows. */
  get blockTokensMax(): number | undefined {
    return this.#blockTokensMax;
  }
  /** All files, sorted by path. */
  get files(): PackedFile[] {
    return [...this.#files.keys()].sort().map(path => {
      const { text, changedAt } = this.#files.get(path) as StoredFile;
      return { path, text, changedAt };
    });
  }

  /** Takes one batch. Files above the caps are listed as left out. */
  ingest({
    reset,
    files,
    removedPaths,
    skipped,
    blockTokensMax,
    recentPaths,
    decided = this.#decided,
    final,
  }: Omit<IngestParams, 'workspace' | 'name'>): void {
    this.#blockTokensMax = blockTokensMax;
    this.#decided = decided;
    if (recentPaths) this.#recentPaths = recentPaths;
    for (const path of this.#files.keys()) this.#searched.add(path);
    if (reset) {
      this.#files.clear();
      this.#skipped = [];
    }
    for (const path of removedPaths) this.#remove(path);
    for (const { path } of skipped) this.#remove(path);
    this.#skipped.push(...skipped);
    let bytes = [...this.#files.values()].reduce((sum, file) => sum + file.text.length, 0);
    const taken: { path: string; text: string }[] = [];
    for (const { path, uri, text, changedAt = 0 } of files) {
      this.#remove(path);
      const reason =
        text.length > limits.fileBytesMax
          ? phrase`too large`
          : this.#files.size >= limits.workspaceFilesMax || bytes + text.length > limits.workspaceBytesMax
            ? workspaceTooLarge
            : undefined;
      if (reason !== undefined) {
        this.#skipped.push({ path, reason });
        continue;
      }
      bytes += text.length;
      // A text that came before is kept once.
      const shown = this.#pack?.shown.get(path)?.text;
      this.#files.set(path, { uri, text: shown === text ? shown : text, changedAt });
      taken.push({ path, text: shown === text ? shown : text });
    }
    this.#search.put(taken);
    // Before the last batch of a full read nobody knows what is gone.
    if (final) {
      this.#search.remove([...this.#searched].filter(path => !this.#files.has(path)));
      this.#searched.clear();
    }
    this.#status = { ...this.#status, fileCount: this.#files.size };
  }

  /** Takes the pack of the current files; files skipped on the way here are added to what it leaves out. */
  setPack(pack: Pack, headingTokens: number): void {
    let { included } = this.#status;
    if (this.#pack?.sections !== pack.sections) {
      this.#block = workspaceBlock(this.name, pack.sections);
      included = [...pack.shown].map(([path, { tokens, at }]) => ({
        path,
        tokens,
        ...(at >= pack.packedCount && { appended: true }),
      }));
    }
    this.#pack = pack;
    const map = mapOf(pack);
    const leftOut = pack.leftOut.map(file => (pack.mapped.has(file.path) ? { ...file, inMap: true } : file));
    this.#status = {
      workspace: this.uri,
      fileCount: this.#files.size,
      included,
      leftOut: [...leftOut, ...this.#skipped].sort((a, b) => (a.path < b.path ? -1 : 1)),
      ...(map && { mapTokens: map.tokens }),
      blockTokens: headingTokens + pack.tokens,
      budgetTokens: headingTokens + pack.budgetTokens,
    };
  }

  /** Places for the question, best first. Ask once an answer: it searches all files, and waits up to `waitMs` for those not indexed. */
  async places(question: string, waitMs?: number): Promise<RankedPlace[]> {
    const found = await this.#search.find(question, placesMax, waitMs);
    return found.flatMap(place => {
      const text = this.#textAt(place);
      return text === undefined ? [] : [{ ...place, text }];
    });
  }

  /** What files export; see SymbolSearch. */
  exportsOf(...asked: Parameters<SymbolSearch['exportsOf']>): Promise<FileExports> {
    return this.#search.exportsOf(...asked);
  }

  /**
   * Whether names are defined here, and where; what is in no text is missing. One for each name, in their order. Waits some seconds for
   * files that are not indexed.
   */
  async lookUpSymbols(symbols: readonly AskedSymbol[]): Promise<FoundSymbol[]> {
    const found = await this.#search.lookUp(symbols);
    return symbols.map(({ name }, i) => {
      const symbol = found?.[i];
      return symbol ? this.#foundSymbol(symbol) : { name, kind: 'unknown', places: [] };
    });
  }

  /** Resolves when all files can be found. */
  async indexed(): Promise<void> {
    await this.#search.idle();
  }

  /** Those of the places that are still where they were. */
  unchanged(places: readonly RankedPlace[]): RankedPlace[] {
    return places.filter(place => this.#textAt(place) === place.text);
  }

  /** Ends the search; the files stay. */
  dispose(): void {
    this.#search.dispose();
  }

  /** Those of the places that lie in files the block left out, for excerpts. */
  unseen(places: readonly RankedPlace[]): RankedPlace[] {
    const seen = new Set(this.#status.included.map(file => file.path));
    return places.filter(place => !seen.has(place.path));
  }

  /** What backs an answer: the places it names, where the files really have them, then those ranked for its question. */
  sources(seen: Seen, ranked: readonly RankedPlace[], answer: string): SourceLink[] {
    const whole = new Set(seen.status.included.map(file => file.path));
    const links: SourceLink[] = [];
    const add = (place: FoundPlace, origin: SourceLink['origin']) => {
      if (links.some(link => overlap(link, place)) || links.length >= sourcesMax) return;
      // The file may have gone while the answer was written.
      const uri = this.#files.get(place.path)?.uri;
      if (uri === undefined) return;
      const { path, startLine, endLine } = place;
      links.push({ path, uri, startLine, endLine, origin, seen: whole.has(path) ? 'whole' : 'excerpt' });
    };
    for (const citation of citationsOf(answer, this.#texts())) {
      if (whole.has(citation.path)) add(citation, 'cited');
      else if (citation.hasLines && seen.excerpts.some(place => overlap(place, citation)))
        add(citation, 'cited');
      else if (!citation.hasLines)
        for (const place of seen.excerpts) if (place.path === citation.path) add(place, 'cited');
    }
    for (const place of ranked)
      if (whole.has(place.path) || seen.excerpts.some(one => overlap(one, place))) add(place, 'ranked');
    return links;
  }

  #foundSymbol({ name, own, places, isForeign, mentions, near }: IndexedSymbol): FoundSymbol {
    const found = places.flatMap(({ path, line }) => {
      const uri = this.#files.get(path)?.uri;
      return uri === undefined ? [] : [{ path, uri, line }];
    });
    if (found.length > 0) return { name, kind: 'defined', places: found };
    const isWritten = !mentions || mentions.some(path => hasWord(this.#files.get(path)?.text ?? '', own));
    if (isWritten) return { name, kind: 'written', places: [] };
    // What is not here may be in files that nobody has sent.
    const isWhole = !this.#skipped.some(
      ({ reason, files }) => files !== undefined || reason === workspaceTooLarge,
    );
    if (isForeign || !isWhole) return { name, kind: 'unknown', places: [] };
    return { name, kind: 'missing', places: [], ...(near !== undefined && { near }) };
  }
  #texts(): ReadonlyMap<string, string> {
    return new Map([...this.#files].map(([path, file]) => [path, file.text]));
  }
  #remove(path: string): void {
    this.#skipped = this.#skipped.filter(file => file.path !== path);
    this.#files.delete(path);
  }
  #textAt({ path, startLine, endLine }: FoundPlace): string | undefined {
    return this.#files
      .get(path)
      ?.text.split('\n')
      .slice(startLine - 1, endLine)
      .join('\n');
  }
}

/** What the model did not see whole; of some it saw an excerpt. */
export function leftOutOf({ status, excerpts }: Seen): LeftOutFile[] {
  const inPart = new Set(excerpts.map(place => place.path));
  return status.leftOut.map(file => (inPart.has(file.path) ? { ...file, excerpt: true } : file));
}

/** Whether the word stands in the text, exactly so written. */
function hasWord(text: string, word: string): boolean {
  const inWord = /[\p{L}\p{M}\p{N}_$]/u;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1))
    if (!inWord.test(text[at - 1] ?? ' ') && !inWord.test(text[at + word.length] ?? ' ')) return true;
  return false;
}

function overlap(one: FoundPlace, other: FoundPlace): boolean {
  return one.path === other.path && one.startLine <= other.endLine && one.endLine >= other.startLine;
}
