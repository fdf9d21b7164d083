// How many tokens are read where what was read before could serve: questions over an unchanged workspace, after an edit and after a
// restart, edited and repeated questions, chats in turn. Counted by the real engine with the embedded model.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ChatMessage } from '../../../engine/protocol/chat.ts';
import type { IngestFile } from '../../../engine/protocol/workspace.ts';
import { StateStore } from '../../../engine/kept/state_store.ts';
import { stateSuffix } from '../../../engine/shared/caches/cache_directory.ts';
import { ClientSession } from '../../../engine/service/client_session.ts';
import { openGpuDevice } from '../../../engine/service/device.ts';
import { EngineHost } from '../../../engine/service/engine_host.ts';
import { openModel } from '../../../engine/service/loaded.ts';

export interface ReadTokens {
  what: string;
  /** Of the prompt that were read, and at most how many should be, where there is a target. */
  read: number;
  most: number | '';
  'from disk': number;
  'first token ms': number;
}
interface Engine {
  host: EngineHost;
  session: ClientSession;
}

const uri = 'file:///bench';
const answerTokens = 8;

/** 60 files of some 200 tokens. */
const files: readonly IngestFile[] = Array.from({ length: 60 }, (_, i) => {
  const members = ['add', 'remove', 'find', 'count', 'clear', 'sort'].map(
    name => `  ${name}Item${i}(item: Item): number {\n    return this.items.indexOf(item) + ${i};\n  }\n`,
  );
  const path = `src/queue${i}.ts`;
  const text = `/** Keeps the items of queue ${i}. */\nexport class Queue${i} {\n${members.join('')}}\n`;
  return { path, uri: `file:///bench/${path}`, text };
});

/** `directory`: where state may be kept. */
export async function readTokens(model: string, directory: string): Promise<ReadTokens[]> {
  const rows: ReadTokens[] = [];
  let engine = await start(model, directory);
  const ask = async (
    what: string,
    messages: ChatMessage[],
    most: ReadTokens['most'],
    { workspace = true } = {},
  ): Promise<ChatMessage[]> => {
    const { text, stats } = await engine.session.chat(
      { messages, ...(workspace && { workspace: uri }), maxTokens: answerTokens, sampling: {} },
      {},
    );
    const read = stats.promptTokens - stats.reusedTokens;
    rows.push({
      what,
      read,
      most,
      'from disk': stats.diskTokens,
      'first token ms': Math.round(stats.firstTokenMs),
    });
    return [...messages, { role: 'assistant', content: text }];
  };
  const tokens = (text: string): number =>
    engine.host.requireLoaded().tokenizer.encode(text, { special: false }).length;
  const said = (content: string): ChatMessage => ({ role: 'user', content });
  const ingest = (changed: readonly IngestFile[], reset: boolean) =>
    engine.session.takeBatch({
      workspace: uri,
      name: 'bench',
      reset,
      final: true,
      removedPaths: [],
      skipped: [],
      blockTokensMax: 16_384,
      files: [...changed],
    });
  /** Waits until the state of what was read ahead is on the disk. */
  const kept = async (since: number): Promise<void> => {
    const isThere = (): boolean =>
      existsSync(directory) &&
      readdirSync(directory).some(
        name => name.endsWith(stateSuffix) && statSync(join(directory, name)).mtimeMs >= since,
      );
    while (!isThere()) await new Promise(resolve => setTimeout(resolve, 100));
  };

  const first = 'What does the queue do?';
  const second = 'Where is the cache filled?';
  await ask('a question without a workspace', [said(second)], '', { workspace: false });
  let since = Date.now();
  const { blockTokens } = await ingest(files, true);
  await kept(since);
  const opening = await ask('first question', [said(first)], tokens(first) + 32);
  await ask(
    'second question, workspace unchanged',
    [...opening, said(second)],
    tokens(second) + answerTokens + 32,
  );
  const [edited] = files as [IngestFile];
  const changed = { ...edited, text: `${edited.text}\nexport const added = 1;\n` };
  since = Date.now();
  await ingest([changed], false);
  await ask(
    'after one file was edited',
    [said(second)],
    Math.ceil(1.2 * tokens(changed.text)) + tokens(second) + 32,
  );
  await kept(since);
  await stop(engine);
  engine = await start(model, directory);
  await ingest([changed, ...files.slice(1)], true);
  await ask(`after a restart, ${blockTokens} tokens of files`, [said(second)], tokens(second) + 32);

  let chat: ChatMessage[] = [];
  for (let i = 0; i < 5; i++)
    chat = await ask(`message ${2 * i + 1} of ten`, [...chat, said(`Question ${i}: what is ${i}?`)], '');
  const other = 'And what else?';
  await ask('the last question edited', [...chat.slice(0, -2), said(other)], tokens(other) + 32);
  await ask('the last answer asked for again', chat.slice(0, -1), 32);
  const one = await ask('another chat', [said(other)], tokens(other) + 32);
  chat = await ask('the first chat goes on', [...chat, said(other)], tokens(other) + answerTokens + 32);
  await ask('the other chat goes on', [...one, said(other)], tokens(other) + answerTokens + 32);
  await stop(engine);
  return rows;
}

async function start(model: string, directory: string): Promise<Engine> {
  const host = new EngineHost({
    device: () => openGpuDevice(),
    model: openModel,
    states: new StateStore({ directory, bytesMax: 1024 ** 3 }),
  });
  await host.open();
  await host.load({ path: model, contextTokensMax: 32_768 }, () => undefined);
  return { host, session: new ClientSession(host) };
}

async function stop({ host, session }: Engine): Promise<void> {
  session.dispose();
  await host.dispose();
}
