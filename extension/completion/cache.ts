// Earlier answers that still fit: the last one while the user types along it, and older ones at their own places. They are
// shown without asking the engine. No vscode.
import type { CursorContext } from '../../engine/shared/completion/cursor_context.ts';

const entriesMax = 100;
/** How far back from the cursor an answer may have been given. */
const typedCharsMax = 80;

export interface Place {
  documentId: string;
  context: CursorContext;
  multiline: boolean;
}
interface Entry {
  documentId: string;
  multiline: boolean;
  prefix: string;
  suffix: string;
  text: string;
}

export class CompletionCache {
  /** Most recently used first. */
  #entries: Entry[] = [];

  /** Keeps an answer for its place. */
  put({ documentId, context, multiline }: Place, text: string): void {
    this.#use({ documentId, multiline, prefix: prefixOf(context), suffix: context.suffix, text });
  }

  /**
   * The rest of the nearest answer that was given here, or a few characters before and typed along since. A block may serve
   * where one line is wanted if the user has typed along it; a line never serves as a block.
   */
  find({ documentId, context, multiline }: Place): string | undefined {
    const prefix = prefixOf(context);
    let best: Entry | undefined;
    for (const entry of this.#entries) {
      const typed = prefix.length - entry.prefix.length;
      const kindFits = entry.multiline === multiline || (entry.multiline && typed > 0);
      if (!kindFits || typed < 0 || typed > typedCharsMax || typed >= entry.text.length) continue;
      if (
        entry.documentId !== documentId ||
        entry.suffix !== context.suffix ||
        !prefix.startsWith(entry.prefix)
      )
        continue;
      if (!entry.text.startsWith(prefix.slice(entry.prefix.length))) continue;
      if (!best || entry.prefix.length > best.prefix.length) best = entry;
    }
    if (!best) return undefined;
    this.#use(best);
    return best.text.slice(prefix.length - best.prefix.length);
  }

  /** Forgets all answers. */
  clear(): void {
    this.#entries = [];
  }

  #use(entry: Entry): void {
    const others = this.#entries.filter(
      other =>
        other.documentId !== entry.documentId ||
        other.multiline !== entry.multiline ||
        other.prefix !== entry.prefix ||
        other.suffix !== entry.suffix,
    );
    this.#entries = [entry, ...others].slice(0, entriesMax);
  }
}

function prefixOf({ linesBefore, lineLeft }: CursorContext): string {
  return linesBefore + lineLeft;
}
