// Passages -> searchable index (minisearch, BM25), aware of identifiers: parseConfig is found by parse, config and parseConfig.
import MiniSearch, { type SearchResult } from 'minisearch';
import { chunk, type Passage } from './chunker.ts';

interface Document extends Passage {
  id: string;
}

export class PassageIndex {
  readonly #search = new MiniSearch<Document>({
    fields: ['text', 'path'],
    storeFields: ['path', 'startLine', 'endLine', 'text'],
    tokenize: identifierTerms,
    processTerm: term => term,
    searchOptions: { boost: { path: 2 }, tokenize: identifierTerms, prefix: term => term.length > 4 },
  });
  readonly #idsByPath = new Map<string, string[]>();

  /** Replaces what is known of the file. */
  put(path: string, text: string): void {
    this.remove(path);
    const documents = chunk(path, text).map((passage): Document => ({
      ...passage,
      id: `${path}:${passage.startLine}`,
    }));
    this.#search.addAll(documents);
    this.#idsByPath.set(
      path,
      documents.map(document => document.id),
    );
  }

  remove(path: string): void {
    for (const id of this.#idsByPath.get(path) ?? []) this.#search.discard(id);
    this.#idsByPath.delete(path);
  }

  /** Passages that hold this name as a whole word, in the order of paths and lines. At most `count` are looked at. */
  passagesWith(name: string, count: number): Passage[] {
    return this.#search
      .search(name, { fields: ['text'], prefix: false, tokenize: whole => [whole.toLowerCase()] })
      .slice(0, count)
      .map(passageOf)
      .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.startLine - b.startLine));
  }

  /** Best passages first. */
  find(question: string, count: number): Passage[] {
    return this.#search.search(question).slice(0, count).map(passageOf);
  }
}

function passageOf({ path, startLine, endLine, text }: SearchResult): Passage {
  return {
    path: path as string,
    startLine: startLine as number,
    endLine: endLine as number,
    text: text as string,
  };
}

/** Scripts whose words are not told apart by spaces alone. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]+/gu;

/**
 * Words and identifiers in lower case: the whole, and its camelCase and snake_case parts. Of scripts without spaces (and Korean, whose
 * words carry their endings) every two neighbouring characters are a term.
 */
export function identifierTerms(text: string): string[] {
  const terms: string[] = [];
  for (const [word] of text.normalize('NFC').matchAll(/[\p{L}\p{M}\p{N}_$]+/gu)) {
    terms.push(word.toLowerCase());
    for (const [run] of word.matchAll(unspaced)) {
      const characters = [...run];
      for (let i = 1; i < characters.length; i++) terms.push(`${characters[i - 1]}${characters[i]}`);
    }
    const parts = word
      .split(/[_$]+|(?<=\p{Ll}|\p{N})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u)
      .filter(part => part.length > 1);
    if (parts.length > 1) terms.push(...parts.map(part => part.toLowerCase()));
  }
  return terms;
}
