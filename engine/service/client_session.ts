// What one client of the engine has of its own: its workspaces, its newest completions, its requests. It ends with the client's
// connection; device and model are the host's. Behind JSON-RPC and behind the command line, so that the two cannot differ.
import { generate, type GenerateResult } from '../generate/generator.ts';
import { createSampler } from '../generate/sampler.ts';
import { follow } from '../generate/interruption.ts';
import { ThoughtEnd } from '../generate/thought_end.ts';
import { urgency } from '../generate/scheduler.ts';
import type { ChatSendParams, ChatSendResult } from '../protocol/chat.ts';
import type { CompletionParams, CompletionPrompt, CompletionResult } from '../protocol/completion.ts';
import { errors } from '../protocol/errors.ts';
import type { MeasureParams, MeasureResult } from '../protocol/measure.ts';
import type { IngestParams, SymbolsParams, SymbolsResult, WorkspaceStatus } from '../protocol/workspace.ts';
import {
  answerBound,
  answerSteps,
  generateContext,
  lookUpFor,
  measureAnswer,
  type AnswerListeners,
} from './answer.ts';
import { Workspace } from '../workspace/workspace.ts';
import { BlockMap } from './block_map.ts';
import { completionPromptText, completionSteps } from './completion.ts';
import type { EngineHost } from './engine_host.ts';
import { IdleTimer } from './idle_timer.ts';
import { packOfLayout } from './kept_layout.ts';
import { layOut, layOutChanges } from './lay_out.ts';
import type { Loaded } from './loaded.ts';
import type { KnownWorkspace } from './look_up.ts';
import { ExcerptMemory } from './sent_excerpts.ts';

/** What is asked of a chat; the token names it for answerNow(). */
export type AnswerParams = Omit<ChatSendParams, 'progressToken'> & { progressToken?: string };

/** A conversation that goes on after so long reads its workspace's block anew where that was packed. */
const packWhenIdleMs = 10 * 60_000;

export class ClientSession {
  /** Called with the status of a workspace whose block was laid out again without a batch. */
  readonly onLaidOut = new Set<(status: WorkspaceStatus) => void>();
  /** By their uris. */
  readonly #workspaces = new Map<string, KnownWorkspace>();
  /** Newest completion of each document; older ones end as superseded. */
  readonly #newestCompletion = new Map<string, AbortController>();
  /** Thoughts of the answers that run, by the answers' progress tokens. */
  readonly #thoughts = new Map<string, ThoughtEnd>();
  readonly #closed = new AbortController();
  /** What was appended to blocks is packed into its place when nobody is in the middle of something. */
  readonly #idle: IdleTimer;

  constructor(private readonly host: EngineHost) {
    this.#idle = new IdleTimer(packWhenIdleMs, () => this.#packAppended());
    host.onLoaded.add(this.#layOutAll);
  }

  /** One answer. A cancelled one resolves with what is there. Throws noModel, contextFull, badParams for an unknown workspace. */
  async chat(
    params: AnswerParams,
    listeners: AnswerListeners,
    signal?: AbortSignal,
  ): Promise<ChatSendResult> {
    const before = this.host.requireLoaded();
    const workspace = params.workspace === undefined ? undefined : this.#requireWorkspace(params.workspace);
    // The first token comes before kernels that nobody waits for.
    const goOn = this.host.holdKernels();
    const onPrefill = (doneTokens: number, totalTokens: number): void => {
      listeners.onPrefill?.(doneTokens, totalTokens);
      if (doneTokens === totalTokens) goOn();
    };
    const { progressToken } = params;
    const thoughtEnd = new ThoughtEnd(params.thinkingTokens);
    if (progressToken !== undefined) this.#thoughts.set(progressToken, thoughtEnd);
    const done = this.#idle.begin();
    try {
      const found =
        workspace && (await unlessAborted(lookUpFor(before, workspace, params), signal, this.#closed.signal));
      // Another model may have come meanwhile.
      const loaded = this.host.requireLoaded();
      // What reads ahead gives its sequence back, with what it has read so far. Without a workspace it only waits.
      if (workspace) this.host.prewarm.stop();
      return await this.host.run(
        urgency.chat,
        own => answerSteps(loaded, workspace, params, found, thoughtEnd, { ...listeners, onPrefill }, own),
        signal,
        this.#closed.signal,
      );
    } finally {
      goOn();
      done();
      if (workspace) this.#readAhead(workspace);
      if (progressToken !== undefined && this.#thoughts.get(progressToken) === thoughtEnd)
        this.#thoughts.delete(progressToken);
    }
  }

  /** How long the prompt of an answer would be. Throws noModel, badParams for an unknown workspace. */
  async measure(params: MeasureParams): Promise<MeasureResult> {
    const loaded = this.host.requireLoaded();
    const workspace = params.workspace === undefined ? undefined : this.#requireWorkspace(params.workspace);
    return measureAnswer(loaded, workspace, params);
  }

  /** Tokens of each text. Throws noModel. */
  async countTokens(texts: readonly string[]): Promise<number[]> {
    const { counts } = this.host.requireLoaded();
    const tokens: number[] = [];
    for (const text of texts) tokens.push(await counts.of(text));
    return tokens;
  }

  /** Has the thought of a running answer end with its next token. False when that one does not think (any more). */
  answerNow(progressToken: string): boolean {
    return this.#thoughts.get(progressToken)?.ask() ?? false;
  }

  /** Continues plain text, for the command line: no template, no workspace. Throws noModel, contextFull. */
  async continueText(
    {
      prompt,
      maxTokens,
      sampling,
      stop,
    }: { prompt: string } & Pick<ChatSendParams, 'maxTokens' | 'sampling' | 'stop'>,
    listeners: AnswerListeners,
  ): Promise<GenerateResult> {
    const loaded = this.host.requireLoaded();
    const request = {
      purpose: 'chat' as const,
      ids: loaded.tokenizer.encode(prompt, { special: true }),
      snapshotsAt: [],
      maxTokens: answerBound(loaded.model, maxTokens),
      sampler: createSampler(sampling),
      stopIds: new Set(loaded.tokenizer.eosIds),
      stopStrings: stop ?? [],
      ...listeners,
    };
    return this.host.run(
      urgency.chat,
      own => generate(generateContext(loaded), { ...request, signal: own }),
      this.#closed.signal,
    );
  }

  /** One completion; an older one of the same document ends as superseded. Throws noModel, badTokenizer, contextFull. */
  async complete(params: CompletionParams, signal?: AbortSignal): Promise<CompletionResult> {
    const loaded = this.host.requireLoaded();
    this.#newestCompletion.get(params.documentId)?.abort('superseded');
    const mine = new AbortController();
    this.#newestCompletion.set(params.documentId, mine);
    const deadline = setTimeout(() => mine.abort('deadline'), params.deadlineMs);
    try {
      return await this.host.run(
        urgency.completion,
        own => completionSteps(loaded, params, own),
        mine.signal,
        signal,
        this.#closed.signal,
      );
    } finally {
      clearTimeout(deadline);
      if (this.#newestCompletion.get(params.documentId) === mine)
        this.#newestCompletion.delete(params.documentId);
    }
  }

  /** The same as ingest(), where a workspace that is new goes on from the layout that is kept on the disk. Throws noModel. */
  async takeBatch(params: IngestParams): Promise<WorkspaceStatus> {
    const { states } = this.host.requireLoaded();
    const isFirst = params.final && !this.#workspaces.get(params.workspace)?.files.pack;
    const layout = isFirst && !params.packAnew ? await states?.layout(params.workspace) : undefined;
    return this.ingest(params, layout);
  }

  /** The prompt that a completion would have, by the loaded model. Runs nothing. Throws noModel, badTokenizer, contextFull. */
  completionPrompt(params: CompletionParams): CompletionPrompt {
    return completionPromptText(this.host.requireLoaded(), params);
  }

  /**
   * Takes a batch of files; after the last one the block is laid out and read in the background, unless it is as it was.
   * `layout`: that of a block whose state may be kept. Throws noModel.
   */
  ingest(params: IngestParams, layout?: string): WorkspaceStatus {
    const loaded = this.host.requireLoaded();
    let workspace = this.#workspaces.get(params.workspace);
    if (!workspace) {
      const files = new Workspace(params.workspace, params.name, this.host.symbolsDirectory);
      workspace = { files, map: new BlockMap(files), sent: new ExcerptMemory(), readLater: false };
      this.#workspaces.set(params.workspace, workspace);
    }
    const { files } = workspace;
    files.ingest(params);
    this.#idle.begin()();
    if (params.final) {
      if (layout) goOnFrom(layout, workspace);
      (params.packAnew ? layOut : layOutChanges)(loaded, files);
      workspace.readLater = params.readLater ?? false;
      if (workspace.readLater) this.host.prewarm.stop();
      this.#laidOut(loaded, workspace);
    }
    return files.status;
  }

  /** Whether a workspace defines names, and where. Waits for no device. Throws badParams for an unknown workspace. */
  async lookUpSymbols({ workspace, symbols }: SymbolsParams): Promise<SymbolsResult> {
    return { found: await this.#requireWorkspace(workspace).files.lookUpSymbols(symbols) };
  }

  /** A workspace that is not known is forgotten already. */
  forget(uri: string): void {
    const workspace = this.#workspaces.get(uri);
    if (!workspace) return;
    const { files, map } = workspace;
    this.#workspaces.delete(uri);
    map.freeze();
    files.dispose();
    this.host.prewarm.forget(files.block);
  }

  /** Ends the client's requests as cancelled and forgets its workspaces. */
  dispose(): void {
    this.host.onLoaded.delete(this.#layOutAll);
    this.#idle.dispose();
    this.#closed.abort();
    for (const uri of [...this.#workspaces.keys()]) this.forget(uri);
  }

  /** Another model has another tokenizer and another context. */
  readonly #layOutAll = (loaded: Loaded): void => {
    for (const workspace of this.#workspaces.values()) {
      layOut(loaded, workspace.files);
      this.#finishMap(loaded, workspace);
    }
  };

  /** Reads the block ahead, once its map stands, unless that is for later. */
  #laidOut(loaded: Loaded, workspace: KnownWorkspace): void {
    this.#finishMap(loaded, workspace);
    this.#readAhead(workspace);
  }

  #finishMap(loaded: Loaded, workspace: KnownWorkspace): void {
    workspace.map.begin(loaded, () => {
      this.#readAhead(workspace);
      this.#tellLaidOut(workspace);
    });
  }

  #tellLaidOut({ files }: KnownWorkspace): void {
    for (const listener of this.onLaidOut) listener(files.status);
  }

  /** Nothing is done without a model. */
  #packAppended(): void {
    const { loaded } = this.host;
    if (!loaded) return;
    for (const workspace of this.#workspaces.values()) {
      const { pack } = workspace.files;
      if (!pack || pack.sections.length === pack.packedCount) continue;
      layOut(loaded, workspace.files);
      this.#laidOut(loaded, workspace);
      this.#tellLaidOut(workspace);
    }
  }

  /** Reads what is not read yet of a block that stands, and keeps its state; unless that is to wait for a question. */
  #readAhead(workspace: KnownWorkspace): void {
    const { files, map, readLater } = workspace;
    const { loaded } = this.host;
    // It may have been forgotten while its question was answered.
    const isKnown = this.#workspaces.get(files.uri) === workspace;
    if (loaded && isKnown && !readLater && !map.isMaking) this.host.prewarm.start(loaded, files);
  }

  #requireWorkspace(uri: string): KnownWorkspace {
    const workspace = this.#workspaces.get(uri);
    if (!workspace) throw errors.badParams(`no workspace "${uri}" has been ingested`);
    return workspace;
  }
}

/** As if the block had been laid out so before, unless the user has decided something about files since. */
function goOnFrom(layout: string, { files, map }: KnownWorkspace): void {
  const pack = packOfLayout(layout, files.decided);
  if (!pack) return;
  files.setPack(pack, 0);
  map.stood();
}

/** What a promise gives, or undefined as soon as one of the signals says so. */
async function unlessAborted<T>(
  work: Promise<T>,
  ...signals: readonly (AbortSignal | undefined)[]
): Promise<T | undefined> {
  const abort = new AbortController();
  const unfollow = follow(abort, signals);
  const aborted = new Promise<undefined>(resolve => {
    if (abort.signal.aborted) resolve(undefined);
    else abort.signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    unfollow();
  }
}
