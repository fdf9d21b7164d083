// Typed calls to the engine over JSON-RPC. The one place where a wire error becomes a HearthError.
// When the process ends or the wire carries rubbish, all open calls and all later ones fail with that reason.
import { setTimeout as delay } from 'node:timers/promises';
import {
  ConnectionError,
  createMessageConnection,
  Emitter,
  ErrorCodes,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
  type CancellationToken,
  type DataCallback,
  type Disposable,
  type Event,
  type MessageConnection,
  type ProgressType,
} from 'vscode-jsonrpc/node';
import {
  answerNow,
  chatSend,
  ChatDeltaType,
  type ChatDelta,
  type ChatSendParams,
  type ChatSendResult,
} from '../../engine/protocol/chat.ts';
import {
  completionInline,
  completionPrompt,
  type CompletionParams,
  type CompletionPrompt,
  type CompletionResult,
} from '../../engine/protocol/completion.ts';
import { fromWire, type HearthError } from '../../engine/protocol/errors.ts';
import { phrase, type PhraseValue } from '../../engine/protocol/phrase.ts';
import {
  engineStatus,
  initialize,
  loadModel,
  LoadProgressType,
  probeDevice,
  shutdown,
  type DeviceProbe,
  type EngineStatus,
  type InitializeParams,
  type InitializeResult,
  type LoadModelParams,
  type LoadProgress,
  type ModelFacts,
} from '../../engine/protocol/lifecycle.ts';
import { limits } from '../../engine/protocol/limits.ts';
import {
  countTokens,
  measureChat,
  type MeasureParams,
  type MeasureResult,
} from '../../engine/protocol/measure.ts';
import {
  workspaceForget,
  workspaceIngest,
  workspaceStatus,
  workspaceSymbols,
  type FoundSymbol,
  type IngestParams,
  type SymbolsParams,
  type WorkspaceStatus,
} from '../../engine/protocol/workspace.ts';
import type { Log } from '../log.ts';
import { FrameGuard } from '../../engine/protocol/frame_guard.ts';
import { linkErrors } from './errors.ts';
import type { EngineProcess } from './process.ts';

/** How long to wait for the end of the output after the process has ended, or the other way round. */
const drainMs = 500;

/** What chatSend() is asked. */
export type AnswerRequest = Omit<ChatSendParams, 'progressToken'> & { progressToken?: string };

export class EngineClient {
  /** Settles once with the reason when the engine can no longer be used. Never rejects. */
  readonly failed: Promise<HearthError>;
  readonly #connection: MessageConnection;
  readonly #status = new Emitter<EngineStatus>();
  readonly #workspaceStatus = new Emitter<WorkspaceStatus>();
  readonly #used = new Emitter<void>();
  readonly #answered = new Emitter<void>();
  #failure: HearthError | undefined;
  #settleFailed: (error: HearthError) => void = () => undefined;
  #nextToken = 0;
  #openCalls = 0;
  #openAnswers = 0;

  constructor(process: Pick<EngineProcess, 'input' | 'output' | 'exited'>, log: Log) {
    this.failed = new Promise(resolve => (this.#settleFailed = resolve));
    const guard = new FrameGuard(limits.rpcMessageBytesMax);
    process.output.on('error', error => this.#fail(linkErrors.engineExited(error.message)));
    process.output.pipe(guard);
    const reader = new CountingReader(guard);
    this.#connection = createMessageConnection(reader, new StreamMessageWriter(process.input), {
      error: message => log.error(`Wire: ${message}`),
      warn: message => log.warn(`Wire: ${message}`),
      info: message => log.debug(`Wire: ${message}`),
      log: message => log.debug(`Wire: ${message}`),
    });
    this.#connection.onError(([error, unsent]) => {
      // A closed input is usually the first sign that the process has ended; how it ended is the better reason.
      if (unsent)
        setTimeout(
          () => this.#fail(linkErrors.engineExited(phrase`its input closed: ${error.message}`)),
          2 * drainMs,
        ).unref();
      else this.#fail(linkErrors.engineExited(phrase`unreadable answer: ${error.message}`));
    });
    const closed = new Promise<void>(resolve => this.#connection.onClose(resolve));
    this.#connection.onNotification(engineStatus, status => this.#status.fire(status));
    this.#connection.onNotification(workspaceStatus, status => this.#workspaceStatus.fire(status));
    this.#connection.listen();
    void this.#watchEnd(process.exited, closed, reader);
  }

  /** engine/state as it changes. */
  get onStatus(): Event<EngineStatus> {
    return this.#status.event;
  }

  /** A workspace's block was laid out again without a batch. */
  get onWorkspaceStatus(): Event<WorkspaceStatus> {
    return this.#workspaceStatus.event;
  }

  /** Fires when something that the user asked for has ended, however it did: an answer or a completion. */
  get onUsed(): Event<void> {
    return this.#used.event;
  }

  /** Fires when an answer, a summary or a commit message was given. */
  get onAnswered(): Event<void> {
    return this.#answered.event;
  }

  /** True while an answer, a summary or a commit message is written. */
  get isAnswering(): boolean {
    return this.#openAnswers > 0;
  }

  /** True while any call waits for its answer. */
  get isBusy(): boolean {
    return this.#openCalls > 0;
  }

  initialize(params: InitializeParams): Promise<InitializeResult> {
    return this.#call(() => this.#connection.sendRequest(initialize, params));
  }

  probeDevice(): Promise<DeviceProbe> {
    return this.#call(() => this.#connection.sendRequest(probeDevice));
  }

  shutdown(): Promise<null> {
    return this.#call(() => this.#connection.sendRequest(shutdown));
  }

  loadModel(
    params: LoadModelParams,
    onProgress: (progress: LoadProgress) => void,
    token: CancellationToken,
  ): Promise<ModelFacts> {
    return this.#withProgress(LoadProgressType, this.#newToken('load'), onProgress, progressToken =>
      this.#connection.sendRequest(loadModel, { ...params, progressToken }, token),
    );
  }

  /**
   * Asks for one answer. Its text arrives in pieces through `onDelta`, and whole in the result. A progress token of newAnswerToken()
   * lets answerNow() name it meanwhile.
   */
  chatSend(
    { progressToken = this.newAnswerToken(), ...params }: AnswerRequest,
    onDelta: (delta: ChatDelta) => void,
    token: CancellationToken,
  ): Promise<ChatSendResult> {
    this.#openAnswers += 1;
    const answering = this.#withProgress(ChatDeltaType, progressToken, onDelta, () =>
      this.#connection.sendRequest(chatSend, { ...params, progressToken }, token),
    );
    return answering
      .then(answer => {
        this.#answered.fire();
        return answer;
      })
      .finally(() => {
        this.#openAnswers -= 1;
        this.#used.fire();
      });
  }

  /** A name for one answer to come. */
  newAnswerToken(): string {
    return this.#newToken('chat');
  }

  /** Closes the thought of a running answer, which goes on with the answer. False when it does not think (any more). */
  async answerNow(progressToken: string): Promise<boolean> {
    return (await this.#call(() => this.#connection.sendRequest(answerNow, { progressToken }))).closed;
  }

  /** How long the prompt of an answer would be, and how much of it would be read again. Nothing is run. */
  measureChat(params: MeasureParams): Promise<MeasureResult> {
    return this.#call(() => this.#connection.sendRequest(measureChat, params));
  }

  /** Tokens of each text, by the model in force; see limits.countTextsMax and limits.countCharsMax. */
  async countTokens(texts: string[]): Promise<number[]> {
    return (await this.#call(() => this.#connection.sendRequest(countTokens, { texts }))).tokens;
  }

  complete(params: CompletionParams, token: CancellationToken): Promise<CompletionResult> {
    return this.#call(() => this.#connection.sendRequest(completionInline, params, token)).finally(() =>
      this.#used.fire(),
    );
  }

  /** What the model in force is given for a completion. Nothing is run. */
  completionPrompt(params: CompletionParams): Promise<CompletionPrompt> {
    return this.#call(() => this.#connection.sendRequest(completionPrompt, params));
  }

  ingest(params: IngestParams, token: CancellationToken): Promise<WorkspaceStatus> {
    return this.#call(() => this.#connection.sendRequest(workspaceIngest, params, token));
  }

  /** Has the engine drop the files of a workspace. Naming one that it does not know is no error. */
  async forgetWorkspace(workspace: string): Promise<void> {
    await this.#call(() => this.#connection.sendRequest(workspaceForget, { workspace }));
  }

  /** Whether a workspace that the engine knows defines names, and where: one for each name; see limits.symbolsAskedMax. */
  async lookUpSymbols(params: SymbolsParams): Promise<FoundSymbol[]> {
    return (await this.#call(() => this.#connection.sendRequest(workspaceSymbols, params))).found;
  }

  #newToken(prefix: string): string {
    return `${prefix}-${++this.#nextToken}`;
  }

  async #withProgress<Piece, Result>(
    type: ProgressType<Piece>,
    progressToken: string,
    listener: (piece: Piece) => void,
    send: (progressToken: string) => Promise<Result>,
  ): Promise<Result> {
    return this.#call(async () => {
      const subscription = this.#connection.onProgress(type, progressToken, listener);
      try {
        return await send(progressToken);
      } finally {
        subscription.dispose();
      }
    });
  }

  async #call<Result>(send: () => Promise<Result>): Promise<Result> {
    if (this.#failure) throw this.#failure;
    this.#openCalls += 1;
    try {
      return await send();
    } catch (error) {
      throw this.#failure ?? (isLostWire(error) ? await this.failed : fromWire(error));
    } finally {
      this.#openCalls -= 1;
    }
  }

  /** Messages written before the end still arrive, and how the process ended is preferred to "its output closed". */
  async #watchEnd(
    exited: Promise<PhraseValue>,
    closed: Promise<void>,
    reader: CountingReader,
  ): Promise<void> {
    const first = await Promise.race([exited, closed]);
    const how = first ?? (await Promise.race([exited, delay(drainMs, phrase`its output closed`)]));
    await Promise.race([closed, delay(drainMs)]);
    // The connection delivers one message in a turn of the event loop.
    for (let turn = 0; turn <= reader.messages; turn++) await new Promise(resolve => setImmediate(resolve));
    this.#fail(linkErrors.engineExited(how));
  }

  #fail(failure: HearthError): void {
    if (this.#failure) return;
    this.#failure = failure;
    this.#connection.dispose();
    this.#status.dispose();
    this.#workspaceStatus.dispose();
    this.#used.dispose();
    this.#answered.dispose();
    this.#settleFailed(failure);
  }
}

/** Knows how many messages it has read. */
class CountingReader extends StreamMessageReader {
  messages = 0;

  override listen(callback: DataCallback): Disposable {
    return super.listen(message => {
      this.messages++;
      callback(message);
    });
  }
}

/** A call that could not be written; the failure of the client follows. */
function isLostWire(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  return (
    error instanceof ResponseError &&
    (error.code === ErrorCodes.MessageWriteError || error.code === ErrorCodes.ConnectionInactive)
  );
}
