// The reviews that go on in editors, one a document. What is proposed is written into the document as one step of undo; then each hunk is
// accepted, which changes nothing more, or rejected, which brings the old lines back. A review follows what the user does
// meanwhile: edits, undo, closing and opening again, renaming.
import {
  commands,
  EventEmitter,
  languages,
  Location,
  Range,
  Selection,
  StatusBarAlignment,
  TextEditorRevealType,
  Uri,
  window,
  workspace,
  type TextDocument,
  type TextDocumentChangeEvent,
  type TextEditor,
} from 'vscode';
import { DisposableStore, type Disposable } from '../dispose.ts';
import { t } from '../l10n.ts';
import { beforeScheme } from '../text_schemes.ts';
import { documentLines, eolOf, nameOf, openToEdit, type UndoStops, writeLines } from './documents.ts';
import { editErrors } from './errors.ts';
import { type Hunk, hunksOfLines, startsBefore } from './hunks.ts';
import { changesLeft, type ExtraLens, ReviewLenses } from './review_lenses.ts';
import { ReviewLook } from './review_look.ts';
import { ReviewState } from './review_state.ts';

const contextKey = 'hearth.reviewing';

interface Review {
  document: TextDocument;
  state: ReviewState;
  /** While it is still being written there is nothing to decide. */
  writing: boolean;
  extras: readonly ExtraLens[];
}

export class Reviews implements Disposable {
  readonly #store = new DisposableStore();
  readonly #reviews = new Map<string, Review>();
  readonly #look = this.#store.add(new ReviewLook());
  readonly #lenses = new ReviewLenses(document => {
    const review = this.#reviewOf(document);
    return review && !review.writing ? { hunks: review.state.hunks, extras: review.extras } : undefined;
  });
  readonly #status = this.#store.add(
    window.createStatusBarItem('hearth.review', StatusBarAlignment.Left, 100),
  );
  readonly #beforeChanged = this.#store.add(new EventEmitter<Uri>());

  constructor() {
    this.#status.name = t('Hearth: Changes');
    this.#status.command = 'hearth.nextChange';
    const store = this.#store;
    store.add(languages.registerCodeLensProvider('*', this.#lenses));
    store.add(workspace.onDidChangeTextDocument(event => this.#changed(event)));
    store.add(workspace.onDidOpenTextDocument(document => this.#opened(document)));
    store.add(
      workspace.onDidCloseTextDocument(document => {
        const review = this.#reviewOf(document);
        if (review?.state.hunks.length === 0) this.#reviews.delete(document.uri.toString());
      }),
    );
    store.add(
      workspace.onDidRenameFiles(({ files }) => {
        for (const { oldUri, newUri } of files) this.#renamed(oldUri, newUri);
      }),
    );
    store.add(window.onDidChangeActiveTextEditor(() => this.#refresh()));
    store.add(window.onDidChangeVisibleTextEditors(() => this.#refresh()));
    store.add(
      workspace.registerTextDocumentContentProvider(beforeScheme, {
        onDidChange: this.#beforeChanged.event,
        provideTextDocumentContent: uri => {
          const review = this.#reviews.get(uri.query);
          return review ? review.state.before.join(eolOf(review.document)) : '';
        },
      }),
    );
  }

  /** The hunks that are to be decided in a document. */
  hunks(document: TextDocument): readonly Hunk[] {
    return this.#reviewOf(document)?.state.hunks ?? [];
  }

  /** The lines of a document with all hunks rejected. */
  before(document: TextDocument): readonly string[] {
    return this.#reviewOf(document)?.state.before ?? documentLines(document);
  }

  /** Writes what is proposed into the document, as one step, and has the user decide on every difference. */
  async propose(
    editor: TextEditor,
    lines: readonly string[],
    extras: readonly ExtraLens[] = [],
  ): Promise<void> {
    await this.rewrite(editor, lines);
    this.end(editor.document, extras);
    const [first] = this.hunks(editor.document);
    if (!first) throw editErrors.nothingToChange(nameOf(editor.document.uri));
    reveal(editor, first);
  }

  /** Writes one more state of what is being proposed; the differences are shown, but not yet to be decided. */
  async rewrite(editor: TextEditor, lines: readonly string[], undo?: UndoStops): Promise<void> {
    const review = this.#begin(editor.document);
    review.writing = true;
    const edits = review.state.propose(lines);
    try {
      if (edits.length > 0) await writeLines(editor, edits, undo);
    } catch (error) {
      review.writing = false;
      throw error;
    }
    this.#refresh();
  }

  /** All is written: the user decides. */
  end(document: TextDocument, extras: readonly ExtraLens[] = []): void {
    const review = this.#reviewOf(document);
    if (!review) return;
    review.writing = false;
    review.extras = extras;
    this.#refresh();
  }

  /** Accepts one hunk: that of the id, else the one at the cursor or the next one below it. */
  async accept(uri?: string, id?: number): Promise<void> {
    const at = this.#at(uri, id);
    if (!at) return;
    at.review.state.accept([at.hunk]);
    await this.#decided(at.review);
  }

  /** Rejects one hunk, likewise. */
  async reject(uri?: string, id?: number): Promise<void> {
    const at = this.#at(uri, id);
    if (at) await this.#reject(at.review, [at.hunk]);
  }

  async acceptAll(uri?: string): Promise<void> {
    const review = this.#active(uri);
    if (!review) return;
    review.state.accept(review.state.hunks);
    await this.#decided(review);
  }

  async rejectAll(uri?: string): Promise<void> {
    const review = this.#active(uri);
    if (review) await this.#reject(review, review.state.hunks);
  }

  /** Rejects what has changed these lines of the text before. */
  async rejectLines(document: TextDocument, lines: { start: number; end: number }): Promise<void> {
    const review = this.#reviewOf(document);
    if (review) await this.#reject(review, hunksOfLines(review.state.hunks, lines));
  }

  /** Moves the cursor to the next hunk, or the previous one, round the ends of the document. */
  async go(direction: 'next' | 'previous', uri?: string): Promise<void> {
    const review = this.#active(uri);
    if (!review) return;
    const editor = await editorOf(review.document);
    const line = editor.selection.active.line;
    const { hunks } = review.state;
    const hunk =
      direction === 'next'
        ? (hunks.find(({ start }) => start > line) ?? hunks[0])
        : (hunks.findLast(({ start }) => start < line) ?? hunks.at(-1));
    if (hunk) reveal(editor, hunk);
  }

  /** Opens the document beside the text before the review, in a diff editor. */
  async compare(uri?: string): Promise<void> {
    const review = this.#active(uri);
    if (!review) return;
    const { uri: file } = review.document;
    await commands.executeCommand(
      'vscode.diff',
      beforeUri(file),
      file,
      t('{0}: changes by Hearth', nameOf(file)),
    );
  }

  /** Shows the removed lines of a hunk between the lines, with what stood around them. */
  async peekRemoved(uri?: string, id?: number): Promise<void> {
    const at = this.#at(uri, id);
    if (!at) return;
    const { document, state } = at.review;
    const editor = await editorOf(document);
    reveal(editor, at.hunk);
    const start = startsBefore(state.hunks)[state.hunks.indexOf(at.hunk)] ?? 0;
    const last = Math.max(start, start + at.hunk.removed.length - 1);
    const range = new Range(start, 0, last, at.hunk.removed.at(-1)?.length ?? 0);
    const place = editor.selection.active;
    const found = [new Location(beforeUri(document.uri), range)];
    await commands.executeCommand('editor.action.peekLocations', document.uri, place, found, 'peek');
  }

  dispose(): void {
    this.#store.dispose();
    this.#reviews.clear();
    void commands.executeCommand('setContext', contextKey, false);
  }

  #begin(document: TextDocument): Review {
    const known = this.#reviewOf(document);
    if (known) return known;
    const review = { document, state: new ReviewState(documentLines(document)), writing: false, extras: [] };
    this.#reviews.set(document.uri.toString(), review);
    return review;
  }

  #reviewOf(document: TextDocument): Review | undefined {
    const review = this.#reviews.get(document.uri.toString());
    return review?.document === document ? review : undefined;
  }

  /** The review that a command is meant for: the one that is named, else that of the active editor. */
  #active(uri?: string): Review | undefined {
    const document = window.activeTextEditor?.document;
    const review = uri === undefined ? document && this.#reviewOf(document) : this.#reviews.get(uri);
    return review && !review.writing && review.state.hunks.length > 0 ? review : undefined;
  }

  #at(uri?: string, id?: number): { review: Review; hunk: Hunk } | undefined {
    const review = this.#active(uri);
    if (!review) return undefined;
    const { hunks } = review.state;
    const editor = window.visibleTextEditors.find(({ document }) => document === review.document);
    const line = editor?.selection.active.line ?? 0;
    const hunk =
      id === undefined
        ? (hunks.find(({ start, end }) => line < end || line <= start) ?? hunks[0])
        : hunks.find(one => one.id === id);
    return hunk && { review, hunk };
  }

  async #reject(review: Review, hunks: readonly Hunk[]): Promise<void> {
    const editor = await editorOf(review.document);
    await writeLines(editor, review.state.reject(hunks));
    await this.#decided(review);
  }

  /** Goes on to the next hunk, if any is left. */
  async #decided(review: Review): Promise<void> {
    this.#refresh();
    if (review.state.hunks.length === 0) return;
    const editor = await editorOf(review.document);
    const line = editor.selection.active.line;
    const next = review.state.hunks.find(({ end }) => end >= line) ?? review.state.hunks[0];
    if (next) reveal(editor, next);
  }

  #changed({ document, contentChanges }: TextDocumentChangeEvent): void {
    const review = this.#reviewOf(document);
    if (!review || contentChanges.length === 0) return;
    review.state.follow(
      contentChanges.map(({ range, text }) => ({ start: range.start, end: range.end, text })),
      documentLines(document),
    );
    this.#refresh();
  }

  /** A document that is there again goes on in its review, unless its text has become another. */
  #opened(document: TextDocument): void {
    const key = document.uri.toString();
    const review = this.#reviews.get(key);
    if (!review || review.document === document) return;
    if (review.state.lines.join('\n') === documentLines(document).join('\n')) review.document = document;
    else this.#reviews.delete(key);
    this.#refresh();
  }

  #renamed(from: Uri, to: Uri): void {
    for (const [key, review] of [...this.#reviews]) {
      const { path } = review.document.uri;
      if (path !== from.path && !path.startsWith(`${from.path}/`)) continue;
      const uri = to.with({ path: to.path + path.slice(from.path.length) });
      this.#reviews.delete(key);
      this.#reviews.set(uri.toString(), review);
      const open = workspace.textDocuments.find(document => document.uri.toString() === uri.toString());
      if (open) this.#opened(open);
    }
  }

  #refresh(): void {
    for (const editor of window.visibleTextEditors) this.#look.show(editor, this.hunks(editor.document));
    this.#lenses.refresh();
    for (const { document } of this.#reviews.values()) this.#beforeChanged.fire(beforeUri(document.uri));
    const count = this.#active()?.state.hunks.length ?? 0;
    void commands.executeCommand('setContext', contextKey, count > 0);
    if (count === 0) return this.#status.hide();
    this.#status.text = `$(diff) ${t('{0} (Ctrl+Alt+H Y accepts, X rejects)', changesLeft(count))}`;
    this.#status.tooltip = t(
      'Changes by Hearth that are to be accepted or rejected. Click to go to the next one.',
    );
    this.#status.show();
  }
}

/** The address of a document's text before its review. */
function beforeUri(uri: Uri): Uri {
  return Uri.from({ scheme: beforeScheme, path: uri.path, query: uri.toString() });
}

async function editorOf(document: TextDocument): Promise<TextEditor> {
  return window.visibleTextEditors.find(editor => editor.document === document) ?? openToEdit(document.uri);
}

function reveal(editor: TextEditor, { start, end }: Hunk): void {
  const line = Math.min(start, editor.document.lineCount - 1);
  editor.selection = new Selection(line, 0, line, 0);
  const last = Math.min(Math.max(start, end - 1), editor.document.lineCount - 1);
  editor.revealRange(new Range(line, 0, last, 0), TextEditorRevealType.InCenterIfOutsideViewport);
}
