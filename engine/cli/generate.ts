// `generate` and `ask` from the command line, through the same session as the editor.
import { inEnglish } from '../protocol/phrase.ts';
import type { GenerateResult } from '../generate/generator.ts';
import type { SamplingParams } from '../protocol/chat.ts';
import { AnswerWriter } from './answer_writer.ts';
import type { AnswerListeners } from '../service/answer.ts';
import { notes } from './notes.ts';
import { readWorkspace } from './read_workspace.ts';
import { withSession, type SessionArgs } from './with_session.ts';

interface GenerationArgs extends SessionArgs {
  /** Unset: what the context leaves. */
  maxTokens: number | undefined;
  /** Most tokens of a thought. Unset: the model ends it. */
  thinkingTokens: number | undefined;
  sampling: SamplingParams;
  /** Texts that end what is written. */
  stop: string[];
}

/** Streams a continuation of the prompt, or with `chat` the answer to it. */
export async function runGenerate({
  prompt,
  chat,
  begun,
  ...args
}: GenerationArgs & {
  prompt: string;
  chat: boolean;
  /** The beginning of the answer, which the model goes on with. */
  begun: string | undefined;
}): Promise<void> {
  const { maxTokens, thinkingTokens, sampling, stop } = args;
  await withSession(args, async session => {
    const question = { role: 'user' as const, content: prompt };
    const continueAnswer = begun !== undefined;
    const messages = continueAnswer ? [question, { role: 'assistant' as const, content: begun }] : [question];
    const { stats, ...end } = chat
      ? await writing(listeners =>
          session.chat({ messages, continueAnswer, maxTokens, thinkingTokens, sampling, stop }, listeners),
        )
      : await session.continueText(
          { prompt, maxTokens, sampling, stop },
          { onText: text => void process.stdout.write(text) },
        );
    process.stdout.write('\n');
    tellEnd(end);
    return stats;
  });
}

/** Answers a question from a folder, then lists the sources as path:first-last. */
export async function runAsk({
  workspace,
  question,
  blockTokensMax,
  ...args
}: GenerationArgs & { workspace: string; question: string; blockTokensMax?: number }): Promise<void> {
  const { maxTokens, thinkingTokens, sampling, stop } = args;
  const { name, files, skipped } = await readWorkspace(workspace);
  await withSession(args, async session => {
    const batch = { reset: true, final: true, files, removedPaths: [], skipped };
    session.ingest({ workspace: name, name, ...batch, blockTokensMax });
    const messages = [{ role: 'user' as const, content: question }];
    const answer = await writing(listeners =>
      session.chat({ messages, workspace: name, maxTokens, thinkingTokens, sampling, stop }, listeners),
    );
    process.stdout.write('\n');
    for (const { path, startLine, endLine } of answer.sources)
      process.stdout.write(`${path}:${startLine}-${endLine}\n`);
    tellEnd(answer);
    for (const { path, reason } of answer.leftOut) notes.line(`left out: ${path}: ${inEnglish(reason)}`);
    return answer.stats;
  });
}

/** Writes an answer as it comes; one that fails half-way too. */
async function writing<T>(answer: (listeners: AnswerListeners) => Promise<T>): Promise<T> {
  const writer = new AnswerWriter();
  try {
    return await answer(writer.listeners);
  } finally {
    writer.end();
  }
}

/** Says why the text, or the thought before it, ended where nobody asked it to. */
function tellEnd({ finishReason, thoughtCut }: Pick<GenerateResult, 'finishReason' | 'thoughtCut'>): void {
  if (thoughtCut) notes.line('cut: the thought has used its tokens up');
  if (finishReason === 'context') notes.line('cut: the context is full');
  if (finishReason === 'repetition') notes.line('stopped: the model was repeating itself');
}
