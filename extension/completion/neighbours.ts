// Other files that go before the prompt of a completion: those visited last, in the same language, their beginning only.
// No vscode.
import type { NeighbourFile } from '../../engine/protocol/completion.ts';

/** Small, because small models have short contexts: the file itself matters more. */
const excerptCharsMax = 1_000;
const visitedMax = 20;

export interface Visited {
  documentId: string;
  path: string;
  languageId: string;
  /** The text, up to a number of characters. */
  excerpt(charsMax: number): string;
}

export class RecentFiles {
  /** Newest first. */
  #visited: Visited[] = [];

  /** Notes that the user looked at a file. */
  visit(file: Visited): void {
    this.#visited = [file, ...this.#visited.filter(({ documentId }) => documentId !== file.documentId)].slice(
      0,
      visitedMax,
    );
  }

  /** Forgets a closed file. */
  forget(documentId: string): void {
    this.#visited = this.#visited.filter(file => file.documentId !== documentId);
  }

  /** Up to `count` other files of the language, the one visited last first: that is the order of their worth. */
  neighboursOf(
    { documentId, languageId }: { documentId: string; languageId: string },
    count: number,
  ): NeighbourFile[] {
    return this.#visited
      .filter(file => file.documentId !== documentId && file.languageId === languageId)
      .slice(0, count)
      .map(({ path, excerpt }) => ({ path, content: wholeLines(excerpt(excerptCharsMax)) }))
      .filter(({ content }) => content.trim() !== '');
  }
}

/** Up to the last line end, if there is one. */
function wholeLines(text: string): string {
  const end = text.lastIndexOf('\n');
  return text.length < excerptCharsMax || end < 0 ? text : text.slice(0, end + 1);
}
