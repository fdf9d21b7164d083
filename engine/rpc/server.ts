// The JSON-RPC side of the engine: handlers over one connection, and the one catch that turns an error into a wire error.
import type { Readable, Writable } from 'node:stream';
import { inspect } from 'node:util';
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type CancellationToken,
} from 'vscode-jsonrpc/node';
import { answerNow, chatSend, ChatDeltaType, type ChatDelta } from '../protocol/chat.ts';
import { completionInline, completionPrompt } from '../protocol/completion.ts';
import { HearthError, errors, toWire } from '../protocol/errors.ts';
import { FrameGuard } from '../protocol/frame_guard.ts';
import {
  engineStatus,
  initialize,
  loadModel,
  LoadProgressType,
  probeDevice,
  protocolVersion,
  shutdown,
  type EngineStatus,
} from '../protocol/lifecycle.ts';
import { limits } from '../protocol/limits.ts';
import { errorLine } from '../protocol/log_line.ts';
import { countTokens, measureChat } from '../protocol/measure.ts';
import {
  workspaceForget,
  workspaceIngest,
  workspaceStatus,
  workspaceSymbols,
} from '../protocol/workspace.ts';
import { ClientSession } from '../service/client_session.ts';
import type { EngineHost } from '../service/engine_host.ts';
import { checked, paramSchemas } from './params.ts';

export interface ServerOptions {
  host: EngineHost;
  input: Readable;
  output: Writable;
  engineVersion: string;
  /** Called once when the peer is gone or the wire carries rubbish. */
  onEnd(reason: string): void;
}

export interface EngineServer {
  /** Tells the client of a failure that concerns everybody. */
  fail(error: HearthError): void;
  dispose(): void;
}

/** Serves until the input ends. */
export function serve({ host, input, output, engineVersion, onEnd }: ServerOptions): EngineServer {
  const guard = new FrameGuard(limits.rpcMessageBytesMax);
  const connection = createMessageConnection(
    new StreamMessageReader(input.pipe(guard)),
    new StreamMessageWriter(output),
    {
      error: message => console.error(errorLine(message)),
      warn: message => console.error(message),
      info: () => undefined,
      log: () => undefined,
    },
  );
  const session = new ClientSession(host);
  session.onLaidOut.add(status => void tell(() => connection.sendNotification(workspaceStatus, status)));
  let ended = false;
  const end = (reason: string) => {
    if (ended) return;
    ended = true;
    forgetClient();
    onEnd(reason);
  };
  const forgetClient = (): void => {
    host.onCompiling.delete(onCompiling);
    session.dispose();
  };
  guard.on('error', error => end(error.message));
  input.on('end', () => end('the input ended'));
  connection.onClose(() => end('the connection closed'));
  connection.onError(([error]) => end(error.message));

  /** A peer that has gone takes no messages; its going is noticed above, and no reason for what runs to fail. */
  const tell = async (send: () => Promise<void>): Promise<void> => {
    try {
      await send();
    } catch (error) {
      if (!ended) console.error(errorLine(`a message was not sent: ${String(error)}`));
    }
  };
  const publish = (status: EngineStatus) =>
    void tell(() => connection.sendNotification(engineStatus, status));
  const publishReady = (): void => {
    const { compiling } = host;
    publish({ state: 'ready', ...(compiling && { compiling }) });
  };
  let compiling = false;
  const onCompiling = (): void => {
    if (!host.loaded || (!compiling && !host.compiling)) return;
    compiling = host.compiling !== undefined;
    publishReady();
  };
  host.onCompiling.add(onCompiling);
  const failed = ({ code, phrases }: HearthError) =>
    publish({ state: 'failed', error: { code, ...phrases } });
  const reply = (progressToken: string, delta: ChatDelta) =>
    void tell(() => connection.sendProgress(ChatDeltaType, progressToken, delta));
  /** A failure of the device concerns everybody, not just the request that met it. */
  const handled = async <T>(work: () => T | Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof HearthError && error.code === 'deviceLost') failed(error);
      else if (!(error instanceof HearthError)) console.error(errorLine(inspect(error)));
      throw toWire(error);
    }
  };

  connection.onRequest(initialize, params =>
    handled(async () => {
      const asked = checked(paramSchemas.initialize, params).protocolVersion;
      if (asked !== protocolVersion)
        throw errors.badParams(`protocol version ${asked} is not ${protocolVersion}`);
      const device = await host.open();
      void host.lost.then(failed);
      return { protocolVersion, engineVersion, pid: process.pid, device };
    }),
  );
  connection.onRequest(probeDevice, () => handled(() => host.probe()));
  connection.onRequest(shutdown, () =>
    handled(async () => {
      await host.dispose();
      return null;
    }),
  );
  connection.onRequest(loadModel, (params, token) =>
    handled(async () => {
      const { progressToken, ...request } = checked(paramSchemas.loadModel, params);
      publish({ state: 'loading' });
      try {
        const facts = await host.load(
          request,
          progress => void tell(() => connection.sendProgress(LoadProgressType, progressToken, progress)),
          abortSignal(token),
        );
        publishReady();
        return facts;
      } catch (error) {
        // A file that cannot be used at all leaves the old model in place.
        if (host.loaded) publishReady();
        else publish({ state: 'idle' });
        throw error;
      }
    }),
  );
  connection.onRequest(chatSend, (params, token) =>
    handled(() => {
      const request = checked(paramSchemas.chatSend, params);
      const { progressToken } = request;
      return session.chat(
        request,
        {
          onPrefill: (doneTokens, totalTokens) =>
            reply(progressToken, { kind: 'prefill', doneTokens, totalTokens }),
          onThinking: (text, tokens) => reply(progressToken, { kind: 'thinking', text, tokens }),
          onText: text => reply(progressToken, { kind: 'text', text }),
          onThoughtSoFar: () => reply(progressToken, { kind: 'thoughtSoFar' }),
        },
        abortSignal(token),
      );
    }),
  );
  connection.onRequest(answerNow, params =>
    handled(() => ({ closed: session.answerNow(checked(paramSchemas.answerNow, params).progressToken) })),
  );
  connection.onRequest(measureChat, params =>
    handled(() => session.measure(checked(paramSchemas.measure, params))),
  );
  connection.onRequest(countTokens, params =>
    handled(async () => ({
      tokens: await session.countTokens(checked(paramSchemas.countTokens, params).texts),
    })),
  );
  connection.onRequest(completionInline, (params, token) =>
    handled(() => session.complete(checked(paramSchemas.completion, params), abortSignal(token))),
  );
  connection.onRequest(completionPrompt, params =>
    handled(() => session.completionPrompt(checked(paramSchemas.completion, params))),
  );
  connection.onRequest(workspaceIngest, params =>
    handled(() => session.takeBatch(checked(paramSchemas.ingest, params))),
  );
  connection.onRequest(workspaceForget, params =>
    handled(() => {
      session.forget(checked(paramSchemas.workspace, params).workspace);
      return null;
    }),
  );
  connection.onRequest(workspaceSymbols, params =>
    handled(() => session.lookUpSymbols(checked(paramSchemas.symbols, params))),
  );
  connection.listen();
  return {
    fail: failed,
    dispose() {
      forgetClient();
      connection.dispose();
    },
  };
}

function abortSignal(token: CancellationToken): AbortSignal {
  const abort = new AbortController();
  token.onCancellationRequested(() => abort.abort());
  if (token.isCancellationRequested) abort.abort();
  return abort.signal;
}
