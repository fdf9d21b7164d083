// The code lenses of a review: on top what concerns all hunks, over each hunk what concerns it.
import { CodeLens, EventEmitter, Range, type CodeLensProvider, type Event, type TextDocument } from 'vscode';
import { formatNumber, plural, t } from '../l10n.ts';
import type { Hunk } from './hunks.ts';

/** A further lens over the first hunk. */
export interface ExtraLens {
  title: string;
  command: string;
}

/** What there is to show for a document. */
export interface LensSource {
  hunks: readonly Hunk[];
  extras: readonly ExtraLens[];
}

export class ReviewLenses implements CodeLensProvider {
  readonly #changed = new EventEmitter<void>();
  readonly onDidChangeCodeLenses: Event<void> = this.#changed.event;

  constructor(private readonly sourceOf: (document: TextDocument) => LensSource | undefined) {}

  /** To be called after anything changed that `sourceOf` tells. */
  refresh(): void {
    this.#changed.fire();
  }

  provideCodeLenses(document: TextDocument): CodeLens[] {
    const source = this.sourceOf(document);
    if (!source) return [];
    const { hunks, extras } = source;
    const [first] = hunks;
    if (!first) return [];
    const uri = document.uri.toString();
    const at = (line: number, title: string, command: string, ...args: unknown[]): CodeLens => {
      const place = Math.min(line, document.lineCount - 1);
      return new CodeLens(new Range(place, 0, place, 0), { title, command, arguments: [uri, ...args] });
    };
    return [
      at(0, changesLeft(hunks.length), 'hearth.nextChange'),
      at(0, t('Accept All'), 'hearth.acceptAllChanges'),
      at(0, t('Reject All'), 'hearth.rejectAllChanges'),
      at(0, t('Show Diff'), 'hearth.compareChanges'),
      ...hunks.flatMap(({ id, start, end, removed }) => [
        at(start, t('Accept'), 'hearth.acceptChange', id),
        at(start, t('Reject'), 'hearth.rejectChange', id),
        // As many as lines were added stand beside these; where there are more, a look at all of them helps.
        ...(removed.length > Math.max(1, end - start)
          ? [
              at(
                start,
                t('Show {0} Removed Lines', formatNumber(removed.length)),
                'hearth.peekRemovedLines',
                id,
              ),
            ]
          : []),
      ]),
      ...extras.map(({ title, command }) => at(first.start, title, command)),
    ];
  }
}

/** How many changes are to be decided, in words. */
export function changesLeft(count: number): string {
  return plural(count, t('1 change left'), t('{0} changes left', formatNumber(count)));
}
