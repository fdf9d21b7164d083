// How hunks look in an editor: added lines are coloured and marked at their left, removed ones stand struck through beside what replaced them,
// and the hover shows a hunk as a diff.
import {
  MarkdownString,
  OverviewRulerLane,
  Range,
  ThemeColor,
  window,
  type DecorationOptions,
  type TextDocument,
  type TextEditor,
} from 'vscode';
import { DisposableStore, type Disposable } from '../dispose.ts';
import type { Hunk } from './hunks.ts';
import { removedTexts } from './removed_text.ts';

export class ReviewLook implements Disposable {
  readonly #store = new DisposableStore();
  readonly #added = this.#store.add(
    window.createTextEditorDecorationType({
      isWholeLine: true,
      backgroundColor: new ThemeColor('diffEditor.insertedTextBackground'),
      overviewRulerColor: new ThemeColor('editorOverviewRuler.addedForeground'),
      overviewRulerLane: OverviewRulerLane.Left,
      // A line at the left, which high contrast themes show too, where they have no backgrounds.
      borderColor: new ThemeColor('editorGutter.addedBackground'),
      borderStyle: 'solid',
      borderWidth: '0 0 0 3px',
    }),
  );
  readonly #removed = this.#store.add(
    window.createTextEditorDecorationType({
      overviewRulerColor: new ThemeColor('editorOverviewRuler.deletedForeground'),
      overviewRulerLane: OverviewRulerLane.Left,
      after: {
        color: new ThemeColor('gitDecoration.deletedResourceForeground'),
        backgroundColor: new ThemeColor('diffEditor.removedTextBackground'),
        textDecoration: 'line-through',
        margin: '0 0 0 2em',
      },
    }),
  );

  /** Shows these hunks in an editor, and no others. */
  show(editor: TextEditor, hunks: readonly Hunk[]): void {
    const { document } = editor;
    editor.setDecorations(
      this.#added,
      hunks
        .filter(({ start, end }) => end > start)
        .map(hunk => ({
          range: new Range(hunk.start, 0, hunk.end - 1, 0),
          hoverMessage: asDiff(hunk, document),
        })),
    );
    editor.setDecorations(
      this.#removed,
      hunks.flatMap(hunk =>
        removedTexts(hunk, document.lineCount).map(({ line, text }): DecorationOptions => {
          const { end } = document.lineAt(line).range;
          return {
            range: new Range(end, end),
            hoverMessage: asDiff(hunk, document),
            renderOptions: { after: { contentText: text } },
          };
        }),
      ),
    );
  }

  dispose(): void {
    this.#store.dispose();
  }
}

function asDiff({ start, end, removed }: Hunk, document: TextDocument): MarkdownString {
  const added = Array.from({ length: end - start }, (_, index) => document.lineAt(start + index).text);
  const lines = [...removed.map(line => `- ${line}`), ...added.map(line => `+ ${line}`)];
  return new MarkdownString().appendCodeblock(lines.join('\n'), 'diff');
}
