// A workspace's passages, found by the names they define, by the calls they hold, and by their words (BM25 with a weight for each field).
// Holds no text: places are lines of files, whose text is the caller's.
import type { Definition } from './definition.ts';
import { passagesOf, type Passage } from './passages.ts';
import { Postings } from './postings.ts';
import { stem, termsOfWord, wordsIn } from './terms.ts';

/** One passage of one file. */
export interface IndexedPassage extends Passage {
  path: string;
  file: number;
  document: number;
}

export interface Scores {
  passages: Map<IndexedPassage, number>;
  /** By path. */
  files: Map<string, number>;
}

interface IndexedFile {
  path: string;
  number: number;
  passages: IndexedPassage[];
}

/** What a word is worth by where it stands; in the text it is 1. */
const weights = { name: 6, member: 2, owner: 2, path: 1, fileName: 3, comment: 1, signature: 4 };
/** BM25: how soon more of the same counts no more, and how much longer passages are held back. */
const k1 = 2;
const b = 0.8;
/** Rarity is damped: a word that is written once tells less of what code does than its rarity says. */
const rarityPower = 0.7;

/** Words whose terms are remembered. */
const wordsKeptMax = 200_000;
/** Prefixes of terms that stand for calls and for imports; no word begins with them. */
const callMark = '(';
const importMark = '<';

export class SymbolIndex {
  readonly #files = new Map<string, IndexedFile>();
  #documents: (IndexedPassage | undefined)[] = [];
  #lengths: number[] = [];
  #lengthSum = 0;
  #gone = 0;
  #nextFile = 0;
  #postings = new Postings();
  /** Documents by the names they define, in lower case. */
  #byName = new Map<string, number[]>();
  #words = new Map<string, number[]>();

  /** Names that are defined, in lower case; some may be gone. */
  get names(): IterableIterator<string> {
    return this.#byName.keys();
  }
  /** Passages that can be found. */
  get size(): number {
    return this.#documents.length - this.#gone;
  }
  get paths(): IterableIterator<string> {
    return this.#files.keys();
  }

  /** Replaces what is known of the file. */
  put(path: string, text: string, definitions: readonly Definition[]): void {
    this.remove(path);
    const number = this.#nextFile++;
    const lines = text.split('\n');
    const passages = passagesOf(text, definitions).map((passage): IndexedPassage => {
      const document = this.#documents.length;
      const indexed = { ...passage, path, file: number, document };
      this.#documents.push(indexed);
      this.#count(indexed, lines);
      const length = this.#postings.finish(document);
      this.#lengths.push(length);
      this.#lengthSum += length;
      for (const { name } of passage.names) {
        const key = name.toLowerCase();
        const known = this.#byName.get(key);
        if (!known) this.#byName.set(key, [document]);
        else if (known.at(-1) !== document) known.push(document);
      }
      return indexed;
    });
    this.#files.set(path, { path, number, passages });
  }

  remove(path: string): void {
    const file = this.#files.get(path);
    if (!file) return;
    this.#files.delete(path);
    for (const { document } of file.passages) {
      this.#documents[document] = undefined;
      this.#lengthSum -= this.#lengths[document] as number;
    }
    this.#gone += file.passages.length;
    if (this.#gone > 2_000 && this.#gone > this.size) this.#sweep();
  }

  /** Passages that define the name, whatever its case. */
  defining(name: string): IndexedPassage[] {
    return (this.#byName.get(name.toLowerCase()) ?? []).flatMap(document => this.#documents[document] ?? []);
  }

  /** Passages that call the name (exactly so written), with how often, at most 255. */
  calling(name: string): { passage: IndexedPassage; times: number }[] {
    return this.#each(callMark + name);
  }

  /** Files that import the name, exactly so written. */
  importing(name: string): Set<string> {
    return new Set(this.#each(importMark + name).map(({ passage }) => passage.path));
  }

  /** Passages that hold the name as a whole word, whatever its case. */
  mentioning(name: string): { passage: IndexedPassage; times: number }[] {
    return this.#each(stem(name.toLowerCase()));
  }

  /** The file's passages in their order. */
  passagesIn(path: string): readonly IndexedPassage[] {
    return this.#files.get(path)?.passages ?? [];
  }

  /**
   * A score for every passage that holds one of the terms, which have weights, and for every file how much of all terms its passages
   * hold together. Terms are stemmed.
   */
  scores(terms: ReadonlyMap<string, number>): Scores {
    const passages = new Map<IndexedPassage, number>();
    const files = new Map<string, number>();
    const average = this.#lengthSum / Math.max(1, this.size);
    for (const [term, worth] of terms) {
      if (this.#postings.countOf(term) === 0) continue;
      const rarity = worth * this.rarityOf(term);
      // Passages of one file come one after another.
      let file: string | undefined;
      let best = 0;
      const endFile = () => {
        if (file !== undefined) files.set(file, (files.get(file) ?? 0) + best);
      };
      this.#postings.each(term, (document, weight) => {
        const passage = this.#documents[document];
        if (!passage) return;
        const length = this.#lengths[document] as number;
        const share = (weight * (k1 + 1)) / (weight + k1 * (1 - b + (b * length) / average));
        passages.set(passage, (passages.get(passage) ?? 0) + rarity * share);
        if (passage.path !== file) {
          endFile();
          file = passage.path;
          best = 0;
        }
        best = Math.max(best, rarity * share);
      });
      endFile();
    }
    return { passages, files };
  }

  /** How much a term tells: more, the fewer passages hold it (the IDF of BM25, damped). */
  rarityOf(term: string): number {
    const holders = this.#postings.countOf(term);
    return Math.log(1 + (this.#documents.length - holders + 0.5) / (holders + 0.5)) ** rarityPower;
  }

  #each(term: string): { passage: IndexedPassage; times: number }[] {
    const found: { passage: IndexedPassage; times: number }[] = [];
    this.#postings.each(term, (document, times) => {
      const passage = this.#documents[document];
      if (passage) found.push({ passage, times });
    });
    return found;
  }

  /** Counts the terms of a passage, by field. */
  #count({ path, names, owners, startLine, endLine }: IndexedPassage, lines: readonly string[]): void {
    const name = path.slice(path.lastIndexOf('/') + 1);
    this.#countText(path.slice(0, path.length - name.length), weights.path);
    this.#countText(name.replace(/\.[^.]*$/, ''), weights.fileName);
    for (const owner of owners) this.#countText(owner, weights.owner);
    for (const { name: defined, isMember } of names)
      this.#countText(defined, isMember ? weights.member : weights.name);
    const firstLines = new Set(names.map(({ line }) => line));
    let inImport = false;
    for (let i = startLine - 1; i < endLine; i++) {
      const line = lines[i] as string;
      const isImport: boolean = inImport || importLine.test(line);
      if (firstLines.has(i + 1)) this.#countText(line, weights.signature);
      this.#countLine(line, isImport);
      inImport = isImport && (inImport ? !/[})]/.test(line) : /[{(][^})]*$/.test(line));
    }
  }

  #countText(text: string, weight: number): void {
    for (const [word] of wordsIn(text)) for (const id of this.#idsOf(word)) this.#postings.count(id, weight);
  }

  #countLine(line: string, isImport: boolean): void {
    const isComment = commentLine.test(line);
    const weight = isComment ? 1 + weights.comment : 1;
    for (const [word, end] of wordsIn(line)) {
      for (const id of this.#idsOf(word)) this.#postings.count(id, weight);
      if (isComment) continue;
      if (isImport) this.#postings.count(this.#postings.idOf(importMark + word), 1);
      else if (isCall(line, word, end)) this.#postings.count(this.#postings.idOf(callMark + word), 1);
    }
  }

  #idsOf(word: string): number[] {
    const known = this.#words.get(word);
    if (known) return known;
    const ids = termsOfWord(word).map(term => this.#postings.idOf(term));
    if (this.#words.size >= wordsKeptMax) this.#words.clear();
    this.#words.set(word, ids);
    return ids;
  }

  /** Numbers documents anew without those that are gone. */
  #sweep(): void {
    const numbers: (number | undefined)[] = [];
    const kept: IndexedPassage[] = [];
    const lengths: number[] = [];
    for (const [document, passage] of this.#documents.entries()) {
      if (!passage) continue;
      numbers[document] = kept.length;
      passage.document = kept.length;
      lengths.push(this.#lengths[document] as number);
      kept.push(passage);
    }
    const numberOf = (document: number) => numbers[document];
    this.#postings.renumber(numberOf);
    this.#words.clear();
    const byName = new Map<string, number[]>();
    for (const [name, documents] of this.#byName) {
      const left = documents.flatMap(document => numberOf(document) ?? []);
      if (left.length > 0) byName.set(name, left);
    }
    this.#byName = byName;
    this.#documents = kept;
    this.#lengths = lengths;
    this.#gone = 0;
  }
}

const commentLine = /^\s*(?:\/\/|\/\*|\*|#(?!include|define|\[)|--|<!--|"""|;;)/;
const importLine =
  /^\s*(?:import\b|from\s+\S+\s+import\b|(?:pub\s+)?use\s|using\s|#include|require(?:_relative)?\b|export\s.*\bfrom\b|\}\s*from\s|(?:const|let|var)\s.*=\s*require\()/;

/** True when the word is called there, made with `new`, or an element of JSX. */
function isCall(line: string, word: string, end: number): boolean {
  const next = line.charCodeAt(end);
  if (next === 40 /* ( */) return true;
  const before = line.slice(Math.max(0, end - word.length - 8), end - word.length);
  if (/(?:\bnew\s+|<)$/.test(before)) return true;
  if (next !== 60 /* < */ && next !== 32 && next !== 63 /* ? */ && next !== 33 /* ! */) return false;
  called.lastIndex = end;
  return called.test(line);
}

const called = /(?:!|\?\.)?\s?(?:<[^<>();{}=]{0,80}>)?\(/y;
