// `generate`, `complete`, `ask`: the three uses from the command line, through the same service as the editor.
import { readFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import type { GenerationStats, SamplingParams } from '../protocol/chat.ts';
import type { CompletionParams } from '../protocol/completion.ts';
import { errors } from '../protocol/errors.ts';
import { EngineService } from '../rpc/service.ts';
import { cursorContext } from './cursor_context.ts';
import type { ModelLoading } from './with_model.ts';
import { readWorkspace } from './read_workspace.ts';

interface GenerationArgs {
  model: string;
  load?: ModelLoading;
  maxTokens: number;
  sampling: SamplingParams;
  stats: boolean;
  /** Drafts a step; unset: as many as pay. */
  drafts?: number;
}

/** Streams a continuation of the prompt, or with `chat` the answer to it. */
export async function runGenerate({
  prompt,
  chat,
  ...args
}: GenerationArgs & { prompt: string; chat: boolean }): Promise<void> {
  await withService(args, async service => {
    const onText = (text: string) => void process.stdout.write(text);
    // Not part of the answer.
    const onThinking = (text: string) => void process.stderr.write(text);
    const { stats } = chat
      ? await service.chat(
          {
            messages: [{ role: 'user', content: prompt }],
            maxTokens: args.maxTokens,
            sampling: args.sampling,
          },
          { onText, onThinking },
          never,
        )
      : await service.continueText(
          { prompt, maxTokens: args.maxTokens, sampling: args.sampling },
          { onText },
        );
    process.stdout.write('\n');
    printStats(args.stats, stats, service);
  });
}

/** Prints one completion as the editor would get it. line and column from 1. */
export async function runComplete(args: {
  model: string;
  load?: ModelLoading;
  file: string;
  line: number;
  column: number;
  workspace?: string;
  multiline: boolean;
  maxTokens: number;
  stats: boolean;
  drafts?: number;
}): Promise<void> {
  const text = await readFile(args.file, 'utf8').catch((cause: unknown) => {
    throw errors.fileUnreadable(args.file, cause);
  });
  const context = cursorContext(text, args);
  if (!context) throw errors.badUsage(`${args.file} has no line ${args.line}, column ${args.column}.`);
  const root = args.workspace ?? '.';
  const params: CompletionParams = {
    documentId: args.file,
    path: relative(resolve(root), resolve(args.file)).replaceAll('\\', '/'),
    languageId: '',
    ...context,
    neighbours: [],
    multiline: args.multiline,
    maxTokens: args.maxTokens,
    deadlineMs: 600_000,
  };
  await withService(args, async service => {
    const result = await service.complete(params, never);
    process.stdout.write(`${result.text}\n`);
    printStats(args.stats, result.stats, service);
  });
}

/** Answers a question from a folder, then lists the sources as path:first-last. */
export async function runAsk({
  workspace,
  question,
  ...args
}: GenerationArgs & { workspace: string; question: string }): Promise<void> {
  const { name, files, skipped } = await readWorkspace(workspace);
  await withService(args, async service => {
    service.ingest({
      workspace: name,
      reset: true,
      final: true,
      files,
      removedPaths: [],
      skipped,
    });
    const answer = await service.chat(
      {
        messages: [{ role: 'user', content: question }],
        workspace: name,
        maxTokens: args.maxTokens,
        sampling: args.sampling,
      },
      {
        onText: text => void process.stdout.write(text),
        onThinking: text => void process.stderr.write(text),
      },
      never,
    );
    process.stdout.write('\n');
    for (const { path, startLine, endLine } of answer.sources)
      process.stdout.write(`${path}:${startLine}-${endLine}\n`);
    for (const { path, reason } of answer.leftOut) console.error(`left out: ${path}: ${reason}`);
    printStats(args.stats, answer.stats, service);
  });
}

const never = () => false;

async function withService(
  { model, load, drafts }: Pick<GenerationArgs, 'model' | 'load' | 'drafts'>,
  use: (service: EngineService) => Promise<void>,
): Promise<void> {
  const service = new EngineService(drafts);
  try {
    await service.open();
    await service.load({ contextTokensMax: 0, ...load, path: model }, () => undefined);
    await use(service);
  } finally {
    await service.dispose();
  }
}

function printStats(wanted: boolean, stats: GenerationStats, service: EngineService): void {
  if (!wanted) return;
  const { promptTokens, reusedTokens, generatedTokens, draftedTokens, acceptedTokens } = stats;
  const { prefillMs, decodeMs, firstTokenMs } = stats;
  process.stderr.write(
    `${JSON.stringify({
      prefill_tokens: promptTokens - reusedTokens,
      cache_hit_tokens: reusedTokens,
      decode_tokens: generatedTokens,
      drafted_tokens: draftedTokens,
      draft_acceptance: draftedTokens > 0 ? acceptedTokens / draftedTokens : null,
      prefill_ms: prefillMs,
      decode_ms: decodeMs,
      first_token_ms: firstTokenMs,
      ...service.counters(stats.contextTokens),
    })}\n`,
  );
}
