// The edits of Hearth put together: what the chat does with code of answers, reviews in editors, and edits in place.
import { commands, window, type TextEditor } from 'vscode';
import { DisposableStore, type Disposable } from '../dispose.ts';
import { t } from '../l10n.ts';
import { applyCode, chooseInList, type ApplyHost } from './apply.ts';
import { currentEditor } from './documents.ts';
import { askInBox, InlineEdit, type InlineEditDeps } from './inline_edit.ts';
import { insertAtCursor } from './insert.ts';
import { askPathInBox, newFile, type NewFileHost } from './new_file.ts';
import { Reviews } from './reviews.ts';
import type { Suggestion } from './suggestion.ts';
import { editorTerminal, runInTerminal } from './terminal.ts';

export interface EditsDeps {
  engine: InlineEditDeps['engine'];
  sampling: InlineEditDeps['sampling'];
  showError(error: unknown): void;
}

/** What can be done with a block of code of an answer. Each throws when it cannot be done, and is false when the user gives up. */
export interface CodeActions {
  insert(suggestion: Suggestion): Promise<boolean>;
  apply(suggestion: Suggestion): Promise<boolean>;
  newFile(suggestion: Suggestion): Promise<boolean>;
  run(suggestion: Suggestion): Promise<void>;
}
export interface Edits extends Disposable {
  readonly code: CodeActions;
}

/** Registers the commands of reviews and of edits in place. */
export function createEdits({ engine, sampling, showError }: EditsDeps): Edits {
  const store = new DisposableStore();
  const reviews = store.add(new Reviews());
  const inline = store.add(new InlineEdit({ engine, sampling, showError, reviews, ask: askInBox }));
  const code = codeActions(reviews);

  const table: Record<string, (...args: unknown[]) => unknown> = {
    'hearth.acceptChange': (uri, id) => reviews.accept(asText(uri), asNumber(id)),
    'hearth.rejectChange': (uri, id) => reviews.reject(asText(uri), asNumber(id)),
    'hearth.acceptAllChanges': uri => reviews.acceptAll(asText(uri)),
    'hearth.rejectAllChanges': uri => reviews.rejectAll(asText(uri)),
    'hearth.nextChange': uri => reviews.go('next', asText(uri)),
    'hearth.previousChange': uri => reviews.go('previous', asText(uri)),
    'hearth.compareChanges': uri => reviews.compare(asText(uri)),
    'hearth.peekRemovedLines': (uri, id) => reviews.peekRemoved(asText(uri), asNumber(id)),
    'hearth.inlineEdit': () => inline.start(),
    'hearth.stopInlineEdit': () => inline.stop(),
    'hearth.retryInlineEdit': uri => inline.retry(asText(uri)),
    'hearth.changeInlineEdit': uri => inline.change(asText(uri)),
  };
  for (const [id, run] of Object.entries(table))
    store.add(
      commands.registerCommand(id, async (...args: unknown[]) => {
        try {
          await run(...args);
        } catch (error) {
          showError(error);
        }
      }),
    );
  return { code, dispose: () => store.dispose() };
}

function codeActions(reviews: Reviews): CodeActions {
  const review = (editor: TextEditor, lines: readonly string[]): Promise<void> =>
    reviews.propose(editor, lines);
  const newFileHost: NewFileHost = { review, askPath: askPathInBox };
  const applyHost: ApplyHost = {
    review,
    choose: chooseInList,
    newFile: suggestion => newFile(suggestion, newFileHost),
  };
  return {
    async insert(suggestion) {
      const editor = currentEditor();
      if (editor) {
        await insertAtCursor(editor, suggestion.code);
        return true;
      }
      const create = t('New File');
      const answer = await window.showInformationMessage(
        t('No editor is open to insert the code into.'),
        create,
      );
      // A message that goes away by itself has not taken the focus.
      return answer === create ? newFile(suggestion, newFileHost) : true;
    },
    apply: suggestion => applyCode(suggestion, applyHost),
    newFile: suggestion => newFile(suggestion, newFileHost),
    run: ({ code, language }) => runInTerminal(code, language, editorTerminal),
  };
}

/** The editor passes an address of its own to commands that are started from a menu. */
function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
