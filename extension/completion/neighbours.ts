// Other files that go before the prompt of a completion: those visited last, in the same language, their beginning only.
// No vscode.
import { neighbourCharsMax, neighbourExcerpt } from '../../engine/shared/completion/completion_request.ts';
import type { LineSource } from '../../engine/shared/completion/cursor_context.ts';
import { holdsSecret } from '../../engine/shared/files/secret_files.ts';
import type { NeighbourFile } from '../../engine/protocol/completion.ts';

const visitedMax = 20;

export interface Visited {
  documentId: string;
  path: string;
  languageId: string;
  /** The first `chars` characters of the text, or all of a shorter one. */
  beginning(chars: number): string;
}

/** The first characters of a document; of a long line no more than these are copied. */
export function beginningOf(document: LineSource, chars: number): string {
  let text = '';
  for (let line = 0; line < document.lineCount && text.length < chars; line += 1)
    text += (line > 0 ? '\n' : '') + document.lineAt(line).text.slice(0, chars);
  return text.slice(0, chars);
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

  /** Up to `count` other files of the language, the most useful first: that is the one visited last. None that holds secrets. */
  neighboursOf(
    { documentId, languageId }: { documentId: string; languageId: string },
    count: number,
  ): NeighbourFile[] {
    return this.#visited
      .filter(file => file.documentId !== documentId && file.languageId === languageId)
      .slice(0, count)
      .map(({ path, beginning }) => ({ path, content: neighbourExcerpt(beginning(2 * neighbourCharsMax)) }))
      .filter(({ content }) => content.trim() !== '' && !holdsSecret(content));
  }
}
