// An edit in place: the user selects lines and says what is to become of them; the model's version is written over them while it comes,
// as one step of undo, and is then reviewed hunk by hunk, asked for again, or asked for in other words.
import { indentOf, isBlank } from '../../engine/shared/outline/indent.ts';
import { commands, Selection, window, type TextDocument, type TextEditor } from 'vscode';
import { CancellationTokenSource, type CancellationToken } from 'vscode-jsonrpc/node';
import { setTimeout as delay } from 'node:timers/promises';
import type {
  ChatDelta,
  ChatSendParams,
  ChatSendResult,
  SamplingParams,
} from '../../engine/protocol/chat.ts';
import { asKnownError } from '../known_error.ts';
import type { Disposable } from '../dispose.ts';
import { t } from '../l10n.ts';
import { codeInAnswer } from './answer_code.ts';
import { checkWritable, documentLines, nameOf, openToEdit, styleOfEditor } from './documents.ts';
import { editPrompt } from './edit_prompt.ts';
import { editErrors } from './errors.ts';
import { fitAnswer } from './fit_answer.ts';
import { makeHunks } from './hunks.ts';
import type { Reviews } from './reviews.ts';
import { mergeSoFar } from './stream_merge.ts';

const contextKey = 'hearth.inlineEditing';
/** How often what has come is written into the document: often enough to be read along, seldom enough for language servers. */
const writeEveryMs = 120;
const selectionCharsMax = 60_000;
/** The editor refuses an edit when the text changes in the same moment. */
const putTriesMax = 5;

export interface InlineEditDeps {
  engine: {
    /** Undefined when cancelled. */
    whenReady(
      token: CancellationToken,
      options: { retryFailed: boolean },
    ): Promise<
      | {
          client: {
            chatSend(
              params: Omit<ChatSendParams, 'progressToken'>,
              onDelta: (delta: ChatDelta) => void,
              token: CancellationToken,
            ): Promise<ChatSendResult>;
          };
        }
      | undefined
    >;
  };
  reviews: Reviews;
  sampling(): SamplingParams;
  /** Asks the user what is to be done; undefined when the user gives up. */
  ask(question: { title: string; value: string }): Promise<string | undefined>;
  showError(error: unknown): void;
}

/** What is edited, and how. */
interface Task {
  document: TextDocument;
  /** The first of the lines, and the lines, as they were. */
  start: number;
  old: readonly string[];
  instruction: string;
}

interface Running {
  task: Task;
  source: CancellationTokenSource;
  /** The whole text as it was written last, and how many lines of it stand for the old ones. */
  written: readonly string[];
  start: number;
  count: number;
  /** Something has been written. */
  begun: boolean;
}

export class InlineEdit implements Disposable {
  #running: Running | undefined;
  /** The last edit of each document, for another try. */
  readonly #done = new Map<string, Task>();

  constructor(private readonly deps: InlineEditDeps) {}

  /** Asks what is to become of the selected lines, and edits them; resolves when all is written. */
  async start(editor: TextEditor | undefined = window.activeTextEditor): Promise<void> {
    if (!editor) throw editErrors.noEditor();
    if (this.#running) throw editErrors.editRunning();
    const { document } = editor;
    await checkWritable(document.uri);
    const { start, end } = selectedLines(editor);
    const old = documentLines(document).slice(start, end);
    const chars = old.join('\n').length;
    if (chars > selectionCharsMax) throw editErrors.selectionTooLong(chars, selectionCharsMax);
    const instruction = await this.#ask(titleFor(old, start), '');
    if (instruction === undefined) return;
    // The box stays open while the user looks and types elsewhere.
    const place = nearestPlace(documentLines(document), old, start);
    if (place === undefined) throw editErrors.placeGone(nameOf(document.uri));
    // A selection would hide the colours of the changes.
    editor.selection = new Selection(place, 0, place, 0);
    await this.#run({ document, start: place, old, instruction });
  }

  /** Takes the last edit of a document back and asks for it again. */
  async retry(uri?: string): Promise<void> {
    const task = await this.#takenBack(uri);
    if (task) await this.#run(task);
  }

  /** The same with other words. */
  async change(uri?: string): Promise<void> {
    const last = this.#last(uri);
    if (!last) return;
    const instruction = await this.#ask(titleFor(last.old, last.start), last.instruction);
    const task = instruction === undefined ? undefined : await this.#takenBack(uri);
    if (task && instruction !== undefined) await this.#run({ ...task, instruction });
  }

  /** Stops the edit that is being written; the document is as it was before. */
  stop(): void {
    this.#running?.source.cancel();
  }

  dispose(): void {
    this.stop();
  }

  async #ask(title: string, value: string): Promise<string | undefined> {
    const text = await this.deps.ask({ title, value });
    return text?.trim() ? text : undefined;
  }

  async #run(task: Task): Promise<void> {
    if (this.#running) throw editErrors.editRunning();
    const { document, start, old } = task;
    const source = new CancellationTokenSource();
    const written = documentLines(document);
    const running: Running = { task, source, written, start, count: old.length, begun: false };
    this.#running = running;
    void commands.executeCommand('setContext', contextKey, true);
    const status = window.setStatusBarMessage(`$(loading~spin) ${t('Hearth is editing… (Escape stops it)')}`);
    try {
      await this.#write(running);
    } finally {
      status.dispose();
      source.dispose();
      this.#running = undefined;
      void commands.executeCommand('setContext', contextKey, false);
    }
  }

  /** Writes the answer as it comes. However it ends, the document is then either as before, or under review. */
  async #write(running: Running): Promise<void> {
    const { task, source } = running;
    const { reviews } = this.deps;
    const { token } = source;
    let answer = '';
    let result: ChatSendResult | undefined;
    let failure: unknown;
    let ended = false;
    const asked = this.#request(running, text => (answer += text)).then(
      value => {
        result = value;
        ended = true;
      },
      (error: unknown) => {
        failure = error;
        ended = true;
      },
    );
    let shown = '';
    // Who stops does not wait for the engine, which may hang.
    while (!ended && !token.isCancellationRequested) {
      await Promise.race([asked, delay(writeEveryMs)]);
      if (ended || answer === shown) continue;
      shown = answer;
      const code = codeInAnswer(answer, { finished: false });
      const editor = editorShowing(task.document);
      if (code && editor && !(await this.#put(running, editor, code, { isLast: false }))) source.cancel();
    }
    if (task.document.isClosed) return;
    if (this.#isTouched(running)) {
      reviews.end(task.document);
      throw editErrors.textChanged(nameOf(task.document.uri));
    }
    const code =
      result && result.finishReason !== 'cancelled'
        ? codeInAnswer(result.text, { finished: true })
        : undefined;
    const editor = editorShowing(task.document) ?? (await openToEdit(task.document.uri));
    await this.#put(running, editor, code, { isLast: true });
    if (failure !== undefined && !token.isCancellationRequested) {
      reviews.end(task.document);
      throw asKnownError(failure);
    }
    if (!result || result.finishReason === 'cancelled') return reviews.end(task.document);
    if (!code) {
      reviews.end(task.document);
      throw editErrors.noCode();
    }
    this.#done.set(task.document.uri.toString(), { ...task, start: running.start });
    reviews.end(task.document, [
      { title: t('Retry'), command: 'hearth.retryInlineEdit' },
      { title: t('Change the Instruction…'), command: 'hearth.changeInlineEdit' },
    ]);
    if (result.finishReason !== 'stop') this.deps.showError(editErrors.answerCut());
    else if (reviews.hunks(task.document).length === 0)
      this.deps.showError(editErrors.nothingToChange(nameOf(task.document.uri)));
  }

  async #request(running: Running, hear: (text: string) => void): Promise<ChatSendResult | undefined> {
    const { task, source } = running;
    const { document, start, old, instruction } = task;
    const engine = await this.deps.engine.whenReady(source.token, { retryFailed: true });
    if (!engine || source.token.isCancellationRequested) return undefined;
    const content = editPrompt({
      path: nameOf(document.uri),
      language: document.languageId,
      lines: running.written,
      start,
      end: start + old.length,
      instruction,
    });
    return engine.client.chatSend(
      { messages: [{ role: 'user', content }], think: false, sampling: this.deps.sampling() },
      delta => {
        if (delta.kind === 'text') hear(delta.text);
      },
      source.token,
    );
  }

  /**
   * Brings the document to what has come; without code, to what it was. False when somebody has changed the lines meanwhile. A change
   * of other lines is no matter.
   */
  async #put(
    running: Running,
    editor: TextEditor,
    code: readonly string[] | undefined,
    { isLast }: { isLast: boolean },
  ): Promise<boolean> {
    const { task } = running;
    for (let triesLeft = isLast ? putTriesMax : 1; ; triesLeft--) {
      if (this.#isTouched(running)) return false;
      const { start, count } = running;
      const now = running.written;
      const style = styleOfEditor(editor);
      const fitted = code && fitAnswer(code, { old: task.old, style, base: baseAt(now, start) });
      const lines = !fitted ? task.old : isLast ? fitted : mergeSoFar(task.old, fitted);
      const whole = [...now.slice(0, start), ...lines, ...now.slice(start + count)];
      try {
        await this.deps.reviews.rewrite(editor, whole, {
          undoStopBefore: !running.begun,
          undoStopAfter: isLast,
        });
        Object.assign(running, { begun: true, written: whole, count: lines.length });
        return true;
      } catch (error) {
        // The user typed in this very moment. The next piece, or the next try, comes soon enough.
        if (!isLast) return true;
        if (triesLeft <= 1) throw error;
      }
    }
  }

  /** Follows changes that others have made; true when they concern the lines that are edited. */
  #isTouched(running: Running): boolean {
    const now = documentLines(running.task.document);
    const end = running.start + running.count;
    let shift = 0;
    for (const hunk of makeHunks(now, running.written)) {
      const grown = hunk.removed.length - (hunk.end - hunk.start);
      if (hunk.end <= running.start) shift += grown;
      else if (hunk.start < end) return true;
    }
    running.start += shift;
    running.written = now;
    return false;
  }

  #last(uri: string | undefined): Task | undefined {
    const key = uri ?? window.activeTextEditor?.document.uri.toString();
    return key === undefined ? undefined : this.#done.get(key);
  }

  /** The last edit again, with the document as it was before it. */
  async #takenBack(uri: string | undefined): Promise<Task | undefined> {
    if (this.#running) throw editErrors.editRunning();
    const task = this.#last(uri);
    if (!task) return undefined;
    const { reviews } = this.deps;
    const { document, old } = task;
    const before = nearestPlace(reviews.before(document), old, task.start);
    if (before === undefined) throw editErrors.placeGone(nameOf(document.uri));
    await reviews.rejectLines(document, { start: before, end: before + old.length });
    const start = nearestPlace(documentLines(document), old, before);
    if (start === undefined) throw editErrors.placeGone(nameOf(document.uri));
    return { ...task, start };
  }
}

/** The editor's own input box. */
export async function askInBox({
  title,
  value,
}: {
  title: string;
  value: string;
}): Promise<string | undefined> {
  return window.showInputBox({
    title,
    value,
    placeHolder: t('What is to be done, such as "add error handling"'),
    prompt: t('Enter writes the change into the editor, where you accept or reject it.'),
    ignoreFocusOut: true,
  });
}

/** The lines of the selection: those it reaches into. A cursor alone means its line. */
function selectedLines({ selection }: TextEditor): { start: number; end: number } {
  const { start, end } = selection;
  const endsAtLineStart = end.character === 0 && end.line > start.line;
  return { start: start.line, end: endsAtLineStart ? end.line : end.line + 1 };
}

function titleFor(old: readonly string[], start: number): string {
  if (old.every(isBlank)) return t('Hearth: Write Code at Line {0}', start + 1);
  if (old.length === 1) return t('Hearth: Edit Line {0}', start + 1);
  return t('Hearth: Edit Lines {0} to {1}', start + 1, start + old.length);
}

/** How new code at a blank line is indented: as the line above, or one of its own. */
function baseAt(lines: readonly string[], start: number): string {
  return (
    indentOf(lines[start] ?? '') || indentOf(lines.slice(0, start).findLast(line => !isBlank(line)) ?? '')
  );
}

function editorShowing(document: TextDocument): TextEditor | undefined {
  return window.visibleTextEditors.find(editor => editor.document === document);
}

/** Where these lines stand, as near as can be to where they stood. */
function nearestPlace(
  lines: readonly string[],
  wanted: readonly string[],
  start: number,
): number | undefined {
  const places = lines.flatMap((_, at) =>
    wanted.every((line, index) => lines[at + index] === line) ? [at] : [],
  );
  const [nearest] = places.sort((a, b) => Math.abs(a - start) - Math.abs(b - start));
  return nearest;
}
