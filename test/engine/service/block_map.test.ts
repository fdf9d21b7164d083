// The map at the head of a block: when it stands, and that nothing of a block changes which somebody reads.
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { IngestParams, WorkspaceStatus } from '../../../engine/protocol/workspace.ts';
import { ClientSession } from '../../../engine/service/client_session.ts';
import type { LoadedText } from '../../../engine/service/loaded.ts';
import { Workspace } from '../../../engine/workspace/workspace.ts';
import { hostServing } from '../../fakes/fake_host.ts';
import { FakeModel } from '../../fakes/fake_model.ts';
import { embeddedText } from '../../support/embedded_text.ts';

let text: LoadedText;
beforeAll(async () => {
  text = await embeddedText();
});
afterEach(() => vi.restoreAllMocks());

const open: ClientSession[] = [];
afterEach(() => {
  for (const session of open.splice(0)) session.dispose();
});

const endOfTurn = 8179;
const workspace = 'demo';
/** Files of 400 tokens or so. */
const fileOf = (i: number) =>
  `${`// Line of file ${i}.\n`.repeat(40)}export function name${i}(size: number): void {}\n`;
const files = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`src/f${i}.ts`, fileOf(i)]));

/** A conversation with a model that knows no forms of its own, over a block with room for some files. */
async function conversation(limits: LoadedText['limits'] = {}) {
  const model = new FakeModel({
    vocabularySize: 8192,
    contextTokensMax: 16_384,
    batchTokensMax: 512,
    next: () => endOfTurn,
  });
  const host = await hostServing(model, { ...text, limits });
  const session = new ClientSession(host);
  open.push(session);
  const told: WorkspaceStatus[] = [];
  session.onLaidOut.add(status => void told.push(status));
  const ingest = (given: Record<string, string>, change: Partial<IngestParams> = {}): WorkspaceStatus =>
    session.ingest({
      workspace,
      name: 'demo',
      reset: false,
      final: true,
      removedPaths: [],
      skipped: [],
      blockTokensMax: 4_096,
      readLater: true,
      files: Object.entries(given).map(([path, content]) => ({
        path,
        uri: `file:///${path}`,
        text: content,
      })),
      ...change,
    });
  return {
    model,
    host,
    session,
    told,
    ingest,
    /** Asks, and gives what was read for it. */
    say: async (content: string) => {
      const ids: number[] = [];
      model.before = batch => void ids.push(...batch);
      const result = await session.chat(
        { messages: [{ role: 'user', content }], workspace, maxTokens: 5, sampling: { temperature: 0 } },
        {},
      );
      const readTokens = result.stats.promptTokens - result.stats.reusedTokens;
      const bytes = ids.slice(0, readTokens).flatMap(id => [...text.tokenizer.decodeBytes(id)]);
      return { ...result, readTokens, read: new TextDecoder().decode(Uint8Array.from(bytes)) };
    },
  };
}

const mapIn = (read: string): string => /## Other files\n.*\n```\n([^]*?)```/.exec(read)?.[1] ?? '';

test('the first question waits for what files export, and an edit leaves the map and all before it as they were', async () => {
  const { ingest, say } = await conversation();
  const status = ingest(files);
  const first = await say('What is there?');
  const mapped = status.leftOut.filter(({ inMap }) => inMap).map(({ path }) => path);
  expect(mapped.length).toBeGreaterThan(5);
  expect(mapped).toEqual(status.leftOut.map(({ path }) => path));
  for (const path of mapped) {
    const [, number] = /f(\d+)/.exec(path) ?? [];
    expect(mapIn(first.read)).toContain(`${path}\n  function name${number}(size: number): void\n`);
  }
  for (const { path } of status.included) expect(mapIn(first.read)).not.toContain(`${path}\n`);
  expect(first.read.indexOf('## Other files')).toBeLessThan(first.read.indexOf('## src/'));
  // Of a file that the map names, and of one that is shown.
  const [named = ''] = mapped;
  const shown = status.included[0]?.path ?? '';
  ingest({ [named]: 'export const renamed = 1;\n' });
  ingest({ [shown]: `${files[shown]}export const added = 1;\n` });
  const second = await say('What else?');
  expect(second.read).toContain(`## ${shown} (edited)`);
  expect(second.read).not.toContain('## Other files');
  expect(second.stats.reusedTokens).toBeGreaterThan(status.blockTokens / 2);
});

test('the map is part of the budget, and the status says what it takes and when it has come', async () => {
  const { ingest, told } = await conversation();
  const before = ingest(files);
  await vi.waitFor(() => expect(told).toHaveLength(1), 20_000);
  const [after] = told as [WorkspaceStatus];
  expect(after.mapTokens).toBeGreaterThan(before.mapTokens as number);
  expect(after.mapTokens).toBeLessThanOrEqual(4_096 / 8);
  const taken = after.included.reduce((sum, { tokens }) => sum + tokens, 0);
  expect(after.blockTokens - taken - (after.mapTokens as number)).toBeLessThan(20);
  expect(after.blockTokens).toBeLessThanOrEqual(after.budgetTokens);
  expect({ ...after, mapTokens: 0, blockTokens: 0 }).toEqual({ ...before, mapTokens: 0, blockTokens: 0 });
  // Nothing is made again by a file that changes.
  ingest({ 'src/f0.ts': 'export const one = 1;\n' });
  expect(told).toHaveLength(1);
});

test('nothing is read ahead before the map stands, and then the block as questions have it', async () => {
  const { session, ingest, told, say, model } = await conversation();
  const read: number[] = [];
  model.before = batch => void read.push(...batch);
  ingest(files, { readLater: false });
  await new Promise(resolve => setImmediate(resolve));
  expect(read).toEqual([]);
  await vi.waitFor(() => expect(told).toHaveLength(1), 20_000);
  await vi.waitFor(async () => {
    const messages = [{ role: 'user' as const, content: 'Hi' }];
    const { reusableTokens } = await session.measure({ messages, workspace });
    expect(reusableTokens).toBeGreaterThanOrEqual(told[0]?.blockTokens as number);
  }, 20_000);
  expect((await say('Hi')).read).not.toContain('## Other files');
});

test('a question waits for the map even where all else has been found', async () => {
  const { ingest, say, session } = await conversation();
  let answer: (exports: Awaited<ReturnType<Workspace['exportsOf']>>) => void = () => undefined;
  vi.spyOn(Workspace.prototype, 'exportsOf').mockReturnValueOnce(new Promise(resolve => (answer = resolve)));
  const status = ingest(files);
  const messages = [{ role: 'user' as const, content: 'Where is name3?' }];
  const measured = session.measure({ messages, workspace });
  const asked = say('Where is name3?');
  // By then the index has found everything.
  const other = await conversation();
  other.ingest(files);
  await other.say('Where is name3?');
  answer(new Map([[status.leftOut[0]?.path ?? '', [{ name: 'late', signature: 'late signature' }]]]));
  const { read, stats } = await asked;
  expect(mapIn(read)).toContain('  late signature\n');
  expect((await measured).promptTokens).toBe(stats.promptTokens);
});

test('where the index has nothing to say in time, the map has paths alone, and stays so', async () => {
  const { ingest, say, told } = await conversation();
  let answer: (exports: Awaited<ReturnType<Workspace['exportsOf']>>) => void = () => undefined;
  vi.spyOn(Workspace.prototype, 'exportsOf').mockReturnValue(new Promise(resolve => (answer = resolve)));
  const now = vi.spyOn(performance, 'now');
  ingest(files);
  // The question's time for the index is over as soon as it begins.
  let passed = 0;
  const begun = performance.now();
  now.mockImplementation(() => begun + (passed += 11_000));
  const first = await say('What is there?');
  now.mockRestore();
  expect(mapIn(first.read)).toMatch(/^(src\/f\d+\.ts\n)+$/);
  answer(new Map([['src/f19.ts', [{ name: 'late', signature: 'late' }]]]));
  await new Promise(resolve => setImmediate(resolve));
  expect(told).toEqual([]);
  const second = await say('What else?');
  expect(second.stats.reusedTokens).toBeGreaterThan(first.stats.promptTokens - 50);
  expect(second.read).not.toContain('late');
});

test('there is none when all files fit, nor for a model that was trained on forms of its own', async () => {
  const all = await conversation();
  const few = all.ingest({ 'a.ts': fileOf(1) });
  expect([few.leftOut, few.mapTokens]).toEqual([[], undefined]);
  expect((await all.say('What is there?')).read).not.toContain('## Other files');
  const trained = await conversation({ workspaceTokensMax: 4_096 });
  const status = trained.ingest(files);
  expect(status.leftOut.length).toBeGreaterThan(5);
  expect([status.mapTokens, status.leftOut.filter(({ inMap }) => inMap)]).toEqual([undefined, []]);
  expect((await trained.say('What is there?')).read).not.toContain('## Other files');
});
