// What is suggested at a cursor, and why when it is nothing: the rules, an earlier answer, the engine, clean-up. Each
// request leaves a note in the trace. A late, cancelled or failed request suggests nothing; a failure never pops up.
// No vscode.
import { setTimeout as delay } from 'node:timers/promises';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { phrase, type Phrase } from '../../engine/protocol/phrase.ts';
import { cleanUp, type Change } from '../../engine/shared/completion/cleanup/cleanup.ts';
import { syntaxOf } from '../../engine/shared/completion/cleanup/syntax.ts';
import { completionRequest } from '../../engine/shared/completion/completion_request.ts';
import { forbiddingRule, wantsBlock } from '../../engine/shared/completion/completion_rules.ts';
import {
  contextAt,
  textAround,
  type CursorContext,
  type LineSource,
  type SelectedItem,
} from '../../engine/shared/completion/cursor_context.ts';
import { holdsSecret, isSecretPath } from '../../engine/shared/files/secret_files.ts';
import type { ModelFacts } from '../../engine/protocol/lifecycle.ts';
import { asKnownError } from '../known_error.ts';
import type { EngineClient } from '../link/client.ts';
import { startsByTyping, type EngineState } from '../link/engine_state.ts';
import type { Log } from '../log.ts';
import { isLanguageEnabled, type Settings } from '../settings.ts';
import { CompletionCache } from './cache.ts';
import { asOneDocument, type CellsAround } from './notebook.ts';
import { RecentFiles, type Visited } from './neighbours.ts';
import { CompletionTrace, type Asked } from './trace.ts';

/** Wall time of one inline completion, after which what is there is returned. */
const completionDeadlineMs = 10_000;

export interface CompletionDeciderDeps {
  engine: {
    readonly state: EngineState;
    whenReady(
      token: CancellationToken,
      options: { retryFailed: boolean },
    ): Promise<
      { client: Pick<EngineClient, 'complete'>; model: Pick<ModelFacts, 'canComplete'> } | undefined
    >;
  };
  workspaceName(): string | undefined;
  log: Pick<Log, 'warn'>;
  /** Tells the user why nothing came of what was asked for by hand. */
  tellNothing(why: Phrase): void;
  /** Replaced in tests. */
  wait?: (delayMs: number) => Promise<unknown>;
}

/** A cursor at which the editor wants a suggestion. */
export interface CompletionPlace {
  document: LineSource;
  documentId: string;
  /** As the engine and the trace name the file. */
  path: string;
  /** The whole path of the file, which tells whether it may hold secrets. */
  location: string;
  languageId: string;
  position: { line: number; character: number };
  cursorCount: number;
  /** The user asked by hand. */
  explicit: boolean;
  selected: SelectedItem | undefined;
  /** In a notebook: the other cells of the language. */
  cells?: CellsAround;
  /** Those of the document. */
  settings: Pick<
    Settings,
    | 'completion.enabled'
    | 'completion.languages'
    | 'completion.multiline'
    | 'completion.maxTokens'
    | 'completion.debounceMs'
    | 'completion.neighbourFiles'
    | 'engine.start'
  >;
}

interface Outcome {
  /** The suggestion; undefined: none. */
  text?: string;
  /** Name of the rule or stage that decided. */
  decidedBy: string;
  /** The same for the user. */
  explanation: Phrase;
  /** What clean-up changed. */
  changes?: readonly Change[];
}
const cancelled: Outcome = {
  decidedBy: 'cancelled',
  explanation: phrase`you typed on, or the editor no longer wanted it`,
};
/** Typing alone loads no model. */
const notStarted: Outcome = {
  decidedBy: 'not-started',
  explanation: phrase`Hearth starts with your first question`,
};
const resting: Outcome = {
  decidedBy: 'resting',
  explanation: phrase`Hearth is resting: your next question starts the model again`,
};

export class CompletionDecider {
  readonly trace = new CompletionTrace();
  readonly #cache = new CompletionCache();
  readonly #recent = new RecentFiles();
  /** The suggestion accepted last: the next answered request in its document may ask for a block. */
  #accepted: { documentId: string } | undefined;

  constructor(private readonly deps: CompletionDeciderDeps) {}

  /** The text to suggest, or undefined; the trace tells why. Never rejects. */
  async decide(place: CompletionPlace, token: CancellationToken): Promise<string | undefined> {
    const startedAt = performance.now();
    const note: { asked?: Asked } = {};
    let outcome: Outcome;
    try {
      outcome = await this.#outcomeAt(place, note, token);
    } catch (error) {
      const { code, message, phrases } = asKnownError(error);
      this.deps.log.warn(`Completion: ${code}: ${message}`);
      outcome = { decidedBy: code, explanation: phrases.message };
    }
    const { text, decidedBy, explanation, changes = [] } = outcome;
    const { path, position, languageId, explicit } = place;
    this.trace.add({
      place: `${path}:${position.line + 1}:${position.character + 1}`,
      languageId,
      explicit,
      decidedBy,
      explanation,
      changes,
      ...note,
      shown: text !== undefined,
      tookMs: performance.now() - startedAt,
      at: new Date(),
    });
    if (text === undefined && explicit && outcome !== cancelled) this.deps.tellNothing(explanation);
    return text;
  }

  /** Notes that a suggestion was accepted whole. */
  accepted(documentId: string): void {
    this.#accepted = { documentId };
  }

  /** Notes that the user looked at a file, whose beginning may then go before a prompt, unless it may hold secrets. */
  visit(file: Visited & Pick<CompletionPlace, 'location'>): void {
    if (!isSecretPath(file.location)) this.#recent.visit(file);
  }

  /** Forgets a closed file. */
  forget(documentId: string): void {
    this.#recent.forget(documentId);
  }

  /** Forgets earlier answers: they are those of another model. */
  forgetAnswers(): void {
    this.#cache.clear();
  }

  /** What was asked of the engine is put into `note`, however it ends. */
  async #outcomeAt(
    place: CompletionPlace,
    note: { asked?: Asked },
    token: CancellationToken,
  ): Promise<Outcome> {
    const { documentId, settings, explicit } = place;
    const around = place.cells ? asOneDocument(place.cells, place.document, place.position) : place;
    const context = contextAt(around.document, around.position, place.selected);
    const rule = forbiddingRule({
      explicit,
      enabled: settings['completion.enabled'],
      languageEnabled: isLanguageEnabled(settings['completion.languages'], place.languageId),
      secretFile: isSecretPath(place.location) || holdsSecret(textAround(context)),
      cursorCount: place.cursorCount,
      context,
    });
    if (rule) return { decidedBy: rule.name, explanation: rule.explanation };

    const accepted = this.#accepted;
    const afterAccept = accepted?.documentId === documentId;
    const multiline = wantsBlock(settings['completion.multiline'], { context, explicit, afterAccept });
    const suggestion = await this.#suggest(place, { context, multiline }, note, token);
    if (suggestion === cancelled || token.isCancellationRequested) return cancelled;
    if (this.#accepted === accepted) this.#accepted = undefined;
    return suggestion;
  }

  async #suggest(
    place: CompletionPlace,
    wanted: { context: CursorContext; multiline: boolean },
    note: { asked?: Asked },
    token: CancellationToken,
  ): Promise<Outcome> {
    const { documentId, path, settings, explicit } = place;
    const known = this.#cache.find({ documentId, ...wanted });
    if (known !== undefined)
      return { text: known, decidedBy: 'cache', explanation: phrase`an earlier suggestion still fits` };

    const startedAt = performance.now();
    const debounceMs = explicit ? 0 : settings['completion.debounceMs'];
    if (debounceMs > 0) await (this.deps.wait ?? delay)(debounceMs);
    if (token.isCancellationRequested) return cancelled;
    const pausedAt = performance.now();
    const { state } = this.deps.engine;
    if (!explicit && !startsByTyping(settings['engine.start'], state))
      return state.kind === 'stopped' && state.rest ? resting : notStarted;
    const engine = await this.deps.engine.whenReady(token, { retryFailed: false });
    if (!engine) return cancelled;
    if (!engine.model.canComplete)
      return { decidedBy: 'unable-model', explanation: phrase`the model was not made for completion` };

    const params = completionRequest({
      documentId,
      path,
      context: wanted.context,
      workspaceName: this.deps.workspaceName(),
      neighbours: this.#recent.neighboursOf(place, settings['completion.neighbourFiles']),
      multiline: wanted.multiline,
      maxTokens: settings['completion.maxTokens'],
      deadlineMs: completionDeadlineMs,
    });
    const asked = { params, pauseMs: pausedAt - startedAt, readyMs: performance.now() - pausedAt };
    note.asked = asked;
    const { text: raw, finishReason, stats } = await engine.client.complete(params, token);
    note.asked = { ...asked, stats };
    if (token.isCancellationRequested || finishReason === 'cancelled' || finishReason === 'superseded')
      return cancelled;
    const cleaned = cleanUp({ text: raw, ...wanted, explicit, syntax: syntaxOf(place) });
    const { changes } = cleaned;
    if ('droppedBy' in cleaned) {
      const { name, explanation } = cleaned.droppedBy;
      return {
        changes,
        decidedBy: name,
        explanation: finishReason === 'deadline' ? phrase`the model was too slow` : explanation,
      };
    }
    this.#cache.put({ documentId, ...wanted }, cleaned.text);
    return {
      text: cleaned.text,
      changes,
      decidedBy: 'model',
      explanation: phrase`the model's suggestion (${finishReason})`,
    };
  }
}
