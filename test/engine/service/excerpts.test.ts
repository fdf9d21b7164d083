// Excerpts behind the questions of a conversation: those of earlier questions stay where they stood, word for word.
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { ChatMessage, ChatSendResult } from '../../../engine/protocol/chat.ts';
import { ClientSession } from '../../../engine/service/client_session.ts';
import type { LoadedText } from '../../../engine/service/loaded.ts';
import { hostServing } from '../../fakes/fake_host.ts';
import { FakeModel } from '../../fakes/fake_model.ts';
import { embeddedText } from '../../support/embedded_text.ts';

let text: LoadedText;
beforeAll(async () => {
  text = await embeddedText();
});

const endOfTurn = 8179;
const workspace = 'demo';
const filler = (i: number) => `export function filler${i}() {\n  return ${i};\n}\n`;
const files = {
  'src/queue.ts': `${filler(1)}\n/** Waiting items. */\nexport class TaskQueue {\n  push(item) {\n    log(item);\n  }\n}\n`,
  'src/lamp.ts': `${filler(2)}\n/** Gives light. */\nexport function lightLamp() {\n  return 'light';\n}\n`,
};

const open: ClientSession[] = [];
afterEach(() => {
  for (const session of open.splice(0)) session.dispose();
});

/** A conversation over files of which none has room in the block. */
async function conversation({
  contextTokensMax = 4096,
  limits = {},
  given = files,
}: { contextTokensMax?: number; limits?: LoadedText['limits']; given?: Record<string, string> } = {}) {
  const model = new FakeModel({
    vocabularySize: 8192,
    contextTokensMax,
    batchTokensMax: 64,
    next: () => endOfTurn,
  });
  const session = new ClientSession(await hostServing(model, { ...text, limits }));
  open.push(session);
  const ingest = (changed: Record<string, string>, reset = false) =>
    session.ingest({
      workspace,
      name: 'demo',
      reset,
      final: true,
      removedPaths: [],
      skipped: [],
      blockTokensMax: 1,
      files: Object.entries(changed).map(([path, content]) => ({
        path,
        uri: `file:///${path}`,
        text: content,
      })),
    });
  ingest(given, true);
  const messages: ChatMessage[] = [];
  const send = async (
    all: ChatMessage[],
    more: object = {},
  ): Promise<ChatSendResult & { read: string; readTokens: number }> => {
    const ids: number[] = [];
    model.before = batch => void ids.push(...batch);
    const result = await session.chat(
      { messages: all, workspace, maxTokens: 5, sampling: { temperature: 0 }, ...more },
      {},
    );
    const readTokens = result.stats.promptTokens - result.stats.reusedTokens;
    const bytes = ids.slice(0, readTokens).flatMap(id => [...text.tokenizer.decodeBytes(id)]);
    return { ...result, readTokens, read: new TextDecoder().decode(Uint8Array.from(bytes)) };
  };
  return {
    session,
    ingest,
    messages,
    send,
    say: async (content: string) => {
      messages.push({ role: 'user', content });
      const result = await send([...messages]);
      messages.push({ role: 'assistant', content: result.text });
      return result;
    },
  };
}

const tokensOf = (written: string) => text.tokenizer.count(written);

test('a second question reads only its own text and excerpts, and those of the first are still in the prompt', async () => {
  const { say } = await conversation();
  const first = await say('Where is TaskQueue?');
  expect(first.read).toContain(
    'From src/queue.ts:5-10\n```ts\n/** Waiting items. */\nexport class TaskQueue {',
  );
  const second = await say('And where is lightLamp?');
  expect(second.stats.reusedTokens).toBeGreaterThanOrEqual(first.stats.promptTokens);
  expect(second.read).toContain('And where is lightLamp?\n\nFrom src/lamp.ts:5-8');
  expect(second.read).not.toContain('TaskQueue');
  // What stands behind the question, the question, and what the template puts around them.
  const own = /And where[^]*?(?=<\|im_end\|>)/.exec(second.read)?.[0] ?? '';
  expect(second.readTokens).toBeLessThanOrEqual(tokensOf(own) + 32);
  expect(second.sources.map(({ path }) => path)).toContain('src/lamp.ts');
  expect(second.leftOut.filter(({ excerpt }) => excerpt).map(({ path }) => path)).toEqual([
    'src/lamp.ts',
    'src/queue.ts',
  ]);
});

test('an edit of the file changes nothing of what was said, but it is no source any more', async () => {
  const { say, ingest } = await conversation();
  const first = await say('Where is TaskQueue?');
  expect(first.sources[0]).toMatchObject({ path: 'src/queue.ts', startLine: 5 });
  ingest({ 'src/queue.ts': 'export const other = 1;\n' });
  const second = await say('What is lightLamp?');
  expect(second.stats.reusedTokens).toBeGreaterThanOrEqual(first.stats.promptTokens);
  expect(second.sources.some(({ path, startLine }) => path === 'src/queue.ts' && startLine === 5)).toBe(
    false,
  );
  // Asked again, the first question gets what is there now.
  const again = await say('Where is TaskQueue?');
  expect(again.read).not.toContain('class TaskQueue');
});

test('what stands there already is not put behind another question', async () => {
  const { say } = await conversation();
  await say('Where is TaskQueue?');
  const second = await say('What does TaskQueue do?');
  expect(second.read).toContain('What does TaskQueue do?');
  expect(second.read).not.toContain('class TaskQueue');
  expect(second.sources[0]).toMatchObject({ path: 'src/queue.ts', seen: 'excerpt' });
});

test('it is put there again once the earlier question has no room any more', async () => {
  const { messages, send } = await conversation({ contextTokensMax: 700 });
  messages.push({ role: 'user', content: 'Where is TaskQueue?' });
  await send([...messages]);
  messages.push(
    { role: 'assistant', content: 'word '.repeat(620) },
    { role: 'user', content: `TaskQueue does what? ${'word '.repeat(60)}` },
  );
  const second = await send([...messages]);
  expect(second.droppedMessages).toBeGreaterThan(0);
  expect(second.read).toContain('class TaskQueue');
  expect(second.sources[0]).toMatchObject({ path: 'src/queue.ts', seen: 'excerpt' });
});

test('an engine that knows nothing of the conversation finds the same excerpts', async () => {
  const one = await conversation();
  await one.say('Where is TaskQueue?');
  const first = await one.say('And lightLamp?');
  const two = await conversation();
  const anew = await two.send(one.messages.slice(0, -1));
  expect(anew.stats.promptTokens).toBe(first.stats.promptTokens);
  expect(anew.read).toContain('class TaskQueue');
});

test('an answer that goes on has the excerpts it began with', async () => {
  const { send, ingest } = await conversation();
  const question: ChatMessage = { role: 'user', content: 'Where is TaskQueue?' };
  const before = await send([question]);
  ingest({ 'src/queue.ts': '// empty\n' });
  const after = await send([question, { role: 'assistant', content: 'It is' }], { continueAnswer: true });
  expect(after.stats.reusedTokens).toBeGreaterThanOrEqual(before.stats.promptTokens - 1);
});

test('measuring a question finds what asking it finds, and asking after it reads no more', async () => {
  const { session, say } = await conversation();
  const messages: ChatMessage[] = [{ role: 'user', content: 'Where is TaskQueue?' }];
  const { promptTokens } = await session.measure({ messages, workspace, maxTokens: 5 });
  expect((await say('Where is TaskQueue?')).stats.promptTokens).toBe(promptTokens);
});

const large = Object.fromEntries(
  Array.from({ length: 60 }, (_, i) => [
    `src/part${i}.ts`,
    `/** Handles the wanted thing, number ${i}. */\nexport function wanted${i}() {\n${'  doSomethingWith(theWantedThing);\n'.repeat(25)}}\n`,
  ]),
);

test('excerpts take a share of the context, and of a model with limits of its own what it was trained on', async () => {
  const count = ({ read }: { read: string }) => read.split('\n\nFrom src/').length - 1;
  const plain = await (
    await conversation({ contextTokensMax: 32_768, given: large })
  ).say('What handles the wanted thing?');
  expect(count(plain)).toBeGreaterThan(15);
  expect(plain.readTokens).toBeLessThan(8_192 + 200);
  const small = await (
    await conversation({ contextTokensMax: 4_096, given: large })
  ).say('What handles the wanted thing?');
  expect(small.readTokens).toBeLessThan(1_024 + 200);
  const own = await (
    await conversation({ contextTokensMax: 32_768, given: large, limits: { workspaceTokensMax: 4_096 } })
  ).say('What handles the wanted thing?');
  expect(count(own)).toBeGreaterThan(2);
  expect(count(own)).toBeLessThanOrEqual(5);
  expect(own.read.length).toBeLessThan(4_000 + 400);
});
