// An engine in memory: answers the protocol over real JSON-RPC streams. Each answer can be replaced; it can crash.
import { PassThrough } from 'node:stream';
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type CancellationToken,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import {
  answerNow,
  chatSend,
  ChatDeltaType,
  type ChatDelta,
  type ChatSendParams,
  type ChatSendResult,
  type GenerationStats,
} from '../../engine/protocol/chat.ts';
import {
  completionInline,
  completionPrompt,
  type CompletionParams,
  type CompletionPrompt,
  type CompletionResult,
} from '../../engine/protocol/completion.ts';
import { toWire } from '../../engine/protocol/errors.ts';
import {
  engineStatus,
  initialize,
  loadModel,
  LoadProgressType,
  protocolVersion,
  shutdown,
  type DeviceFacts,
  type EngineStatus,
  type InitializeResult,
  type LoadModelRequest,
  type LoadProgress,
  type ModelFacts,
} from '../../engine/protocol/lifecycle.ts';
import {
  countTokens,
  measureChat,
  type MeasureParams,
  type MeasureResult,
} from '../../engine/protocol/measure.ts';
import {
  workspaceForget,
  workspaceIngest,
  type IngestParams,
  type WorkspaceStatus,
} from '../../engine/protocol/workspace.ts';
import { EngineClient } from '../../extension/link/client.ts';
import type { Gauge } from '../../extension/context/gauge.ts';
import type { RunningEngine } from '../../extension/link/supervisor.ts';
import type { Log } from '../../extension/log.ts';

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Knows no model, so that everything fits. */
export const noGauge: Gauge = { measure: async () => undefined, tokensOf: text => text.length };

export const fakeStats: GenerationStats = {
  promptTokens: 12,
  reusedTokens: 4,
  diskTokens: 0,
  generatedTokens: 7,
  draftedTokens: 0,
  acceptedTokens: 0,
  prefillMs: 10,
  decodeMs: 300,
  firstTokenMs: 20,
  contextTokens: 18,
  contextTokensMax: 4096,
};
export const fakeDevice: DeviceFacts = {
  name: 'fake device',
  vendor: 'fake',
  driver: 'none',
  architecture: 'none',
  backend: 'memory',
  software: true,
  features: [],
  limits: {},
};
export const fakeModel: ModelFacts = {
  path: '/models/fake.gguf',
  name: 'fake',
  quantization: 'F32',
  contextTokensTrained: 4096,
  contextTokensMax: 4096,
  textOnly: false,
  canComplete: true,
  thinking: { mode: 'never', byDefault: false, efforts: [] },
  loadMs: 1,
};
export const fakeAnswer = (text: string, more: Partial<ChatSendResult> = {}): ChatSendResult => ({
  text,
  thinking: '',
  thoughtTokens: 0,
  finishReason: 'stop',
  stats: fakeStats,
  droppedMessages: 0,
  sources: [],
  seenWhole: 0,
  leftOut: [],
  ...more,
});
const emptyStatus = (workspace: string): WorkspaceStatus => ({
  workspace,
  fileCount: 0,
  included: [],
  leftOut: [],
  blockTokens: 0,
  budgetTokens: 100,
});

/** A token for each character, and a quarter of the context for the answer. */
export function fakeMeasure({ messages }: MeasureParams, more: Partial<MeasureResult> = {}): MeasureResult {
  const { contextTokensMax } = fakeModel;
  const promptTokens = messages.reduce((sum, { content }) => sum + content.length, 0);
  const reservedTokens = contextTokensMax / 4;
  const freeTokens = contextTokensMax - promptTokens - reservedTokens;
  return {
    promptTokens,
    wholePromptTokens: promptTokens,
    reservedTokens,
    freeTokens,
    contextTokensMax,
    reusableTokens: 0,
    droppedMessages: 0,
    fits: freeTokens >= 0,
    ...more,
  };
}

export class FakeEngine {
  readonly input = new PassThrough();
  readonly output = new PassThrough();
  readonly exited: Promise<string>;
  readonly ingested: IngestParams[] = [];
  /** Names of workspaces that it was told to forget. */
  readonly forgotten: string[] = [];
  readonly loads: LoadModelRequest[] = [];
  readonly chats: ChatSendParams[] = [];
  /** Progress tokens of answers whose thoughts were to end; whether one was thought then. */
  readonly answeredNow: string[] = [];
  thinks = true;
  shutdownCount = 0;
  /** A load that fails leaves the model before it in place, as the engine does with a file that it cannot use at all. */
  keepsModel = true;
  #hasModel = false;
  #exit: (how: string) => void = () => undefined;
  readonly #connection: MessageConnection;

  onInitialize: () => Promise<InitializeResult> = async () => ({
    protocolVersion,
    engineVersion: '0',
    pid: 1,
    device: fakeDevice,
  });
  onLoad: (
    params: LoadModelRequest,
    progress: (progress: LoadProgress) => void,
    token: CancellationToken,
  ) => Promise<ModelFacts> = async () => fakeModel;
  onChat: (
    params: ChatSendParams,
    delta: (delta: ChatDelta) => void,
    token: CancellationToken,
  ) => Promise<ChatSendResult> = async () => fakeAnswer('hello');
  onMeasure: (params: MeasureParams) => Promise<MeasureResult> = async params => fakeMeasure(params);
  onCount: (texts: readonly string[]) => Promise<number[]> = async texts => texts.map(({ length }) => length);
  onComplete: (params: CompletionParams, token: CancellationToken) => Promise<CompletionResult> =
    async () => ({
      text: 'x',
      finishReason: 'stop',
      stats: fakeStats,
    });
  onCompletionPrompt: (params: CompletionParams) => Promise<CompletionPrompt> = async ({ lineLeft }) => ({
    text: `<|fim_middle|>${lineLeft}`,
    tokens: 1 + lineLeft.length,
  });
  onIngest: (params: IngestParams) => Promise<WorkspaceStatus> = async ({ workspace }) =>
    emptyStatus(workspace);

  constructor() {
    this.exited = new Promise(resolve => (this.#exit = resolve));
    const connection = createMessageConnection(
      new StreamMessageReader(this.input),
      new StreamMessageWriter(this.output),
    );
    this.#connection = connection;
    const answer = async <Result>(work: () => Promise<Result>): Promise<Result> => {
      try {
        return await work();
      } catch (error) {
        throw toWire(error);
      }
    };
    connection.onRequest(initialize, () => answer(() => this.onInitialize()));
    connection.onRequest(shutdown, () => {
      this.shutdownCount += 1;
      return null;
    });
    connection.onRequest(loadModel, async (params, token) => {
      this.loads.push(params);
      await this.report({ state: 'loading' });
      try {
        const model = await answer(() =>
          this.onLoad(
            params,
            progress => void connection.sendProgress(LoadProgressType, params.progressToken, progress),
            token,
          ),
        );
        this.#hasModel = true;
        return model;
      } catch (error) {
        this.#hasModel &&= this.keepsModel;
        await this.report({ state: this.#hasModel ? 'ready' : 'idle' });
        throw error;
      }
    });
    connection.onRequest(chatSend, (params, token) => {
      this.chats.push(params);
      return answer(() =>
        this.onChat(
          params,
          delta => void connection.sendProgress(ChatDeltaType, params.progressToken, delta),
          token,
        ),
      );
    });
    connection.onRequest(answerNow, ({ progressToken }) => {
      this.answeredNow.push(progressToken);
      return { closed: this.thinks };
    });
    connection.onRequest(measureChat, params => answer(() => this.onMeasure(params)));
    connection.onRequest(countTokens, ({ texts }) =>
      answer(async () => ({ tokens: await this.onCount(texts) })),
    );
    connection.onRequest(completionInline, (params, token) => answer(() => this.onComplete(params, token)));
    connection.onRequest(completionPrompt, params => answer(() => this.onCompletionPrompt(params)));
    connection.onRequest(workspaceIngest, params => {
      this.ingested.push(params);
      return answer(() => this.onIngest(params));
    });
    connection.onRequest(workspaceForget, ({ workspace }) => {
      this.forgotten.push(workspace);
      return null;
    });
    connection.listen();
  }

  /** As the supervisor launches it. */
  running(log: Log = silentLog): RunningEngine {
    const client = new EngineClient(this, log);
    return {
      pid: 1,
      client,
      end: async () => {
        // What was sent before still arrives.
        await settle();
        this.#connection.dispose();
        this.#exit('ended');
      },
    };
  }

  /** The process dies. */
  crash(how = 'signal SIGKILL'): void {
    this.#connection.dispose();
    this.output.end();
    this.#exit(how);
  }

  /** Sends engine/state. */
  async report(status: EngineStatus): Promise<void> {
    await this.#connection.sendNotification(engineStatus, status);
  }
}

/** Lets everything that can happen without time passing happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise(resolve => setImmediate(resolve));
}
