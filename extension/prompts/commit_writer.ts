// Writes a commit message into the input box of a repository, word by word. What was there before is kept until it is wanted again;
// whoever writes into the box meanwhile has it for himself. Knows neither the editor nor Git.
import { CancellationTokenSource, type CancellationToken } from 'vscode-jsonrpc/node';
import type { ChatSendParams } from '../../engine/protocol/chat.ts';
import type { EngineClient } from '../link/client.ts';
import { commitMessageIn } from './commit_prompt.ts';
import { promptErrors } from './errors.ts';

export interface CommitWriterDeps {
  engine: {
    /** Undefined when cancelled. */
    whenReady(
      token: CancellationToken,
      options: { retryFailed: boolean },
    ): Promise<{ client: Pick<EngineClient, 'chatSend'> } | undefined>;
  };
  sampling(): ChatSendParams['sampling'];
}
/** The input box of a repository. */
export interface MessageBox {
  value: string;
}
/**
 * How it ended: 'written'; 'stopped', with the box as it was; 'taken', when the user began to write in it. `before` is what was there.
 */
export interface CommitOutcome {
  end: 'written' | 'stopped' | 'taken';
  before: string;
}

/** A message of more is none; it ends a model that does not come to an end. */
const messageTokensMax = 400;

/** Asks the model and writes its message into the box. On an error the box is as it was. */
export async function writeCommitMessage(
  deps: CommitWriterDeps,
  box: MessageBox,
  question: string,
  token: CancellationToken,
): Promise<CommitOutcome> {
  const before = box.value;
  const source = new CancellationTokenSource();
  const subscription = token.onCancellationRequested(() => source.cancel());
  if (token.isCancellationRequested) source.cancel();
  const cancelled = new Promise<undefined>(resolve => {
    source.token.onCancellationRequested(() => resolve(undefined));
  });
  let answer = '';
  // The editor echoes what is put into the box, some time later: what is there may be any of what was written so far.
  const written = new Set([before]);
  let taken = false;
  const show = (message: string): void => {
    taken ||= !written.has(box.value);
    if (taken) source.cancel();
    else if (message !== '') {
      written.add(message);
      box.value = message;
    }
  };
  const restore = (): void => {
    if (written.has(box.value)) box.value = before;
  };
  try {
    const engine = await deps.engine.whenReady(source.token, { retryFailed: true });
    const sent = engine?.client.chatSend(
      {
        messages: [{ role: 'user', content: question }],
        think: false,
        maxTokens: messageTokensMax,
        sampling: deps.sampling(),
      },
      delta => {
        // What looked like the message was a thought.
        if (delta.kind === 'thoughtSoFar') answer = '';
        if (delta.kind !== 'text' || source.token.isCancellationRequested) return;
        answer += delta.text;
        show(commitMessageIn(answer));
      },
      source.token,
    );
    // Whoever stops it does not wait for an engine that is slow to hear of it.
    const result = await Promise.race([sent, cancelled]);
    if (taken) return { end: 'taken', before };
    if (!result || source.token.isCancellationRequested) {
      restore();
      return { end: 'stopped', before };
    }
    const message = commitMessageIn(result.text);
    if (message === '') throw promptErrors.noCommitMessage();
    show(message);
    return { end: taken ? 'taken' : 'written', before };
  } catch (error) {
    restore();
    if (source.token.isCancellationRequested) return { end: taken ? 'taken' : 'stopped', before };
    throw error;
  } finally {
    subscription.dispose();
    source.dispose();
  }
}
