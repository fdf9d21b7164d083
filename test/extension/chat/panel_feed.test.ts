// What the page is told, from a real session and a real supervisor down to the state that the page makes of it.
import { expect, test } from 'vitest';
import { Emitter } from 'vscode-jsonrpc/node';
import { PanelFeed, type PanelFeedDeps } from '../../../extension/chat/panel_feed.ts';
import { Conversations, type ConversationsDeps } from '../../../extension/chat/conversations.ts';
import { ThinkingChoice } from '../../../extension/chat/thinking_choice.ts';
import { EngineSupervisor } from '../../../extension/link/supervisor.ts';
import type {
  CommandsView,
  DraftView,
  PanelState,
  ToPanel,
  WorkspaceView,
} from '../../../webview/protocol.ts';
import { emptyState, reduce } from '../../../webview/store.ts';
import {
  fakeAnswer,
  FakeEngine,
  fakeModel,
  fakeStats,
  settle,
  silentLog,
  noGauge,
} from '../../fakes/fake_engine.ts';
import { readyWorkspace } from '../../support/panel_states.ts';

function setUp(prepare: (engine: FakeEngine) => void = () => undefined) {
  const engine = new EngineSupervisor({
    launch: async () => {
      const launched = new FakeEngine();
      prepare(launched);
      return launched.running();
    },
    model: () => ({ path: '/a.gguf', contextTokensMax: 0 }),
    clientVersion: '0',
    log: silentLog,
    wait: async () => undefined,
  });
  const history: ConversationsDeps['history'] = {
    append: () => undefined,
    add: async () => undefined,
    load: async () => undefined,
    remove: async () => undefined,
    purge: async () => undefined,
    claim: async () => true,
  };
  const nothing = { get: () => undefined, set: async () => undefined };
  const conversations = new Conversations({
    engine,
    history,
    shown: nothing,
    earlier: nothing,
    warn: message => expect.fail(message),
    workspace: { ensure: async () => 'project' },
    gauge: noGauge,
    settings: () => ({ sampling: {}, maxTokens: 50, think: undefined, useWorkspace: true }),
    showError: () => undefined,
  });
  const workspaceViews = new Emitter<WorkspaceView>();
  const modelMessages = new Emitter<ToPanel>();
  const models: PanelFeedDeps['models'] = {
    view: undefined,
    onMessage: modelMessages.event,
    contextBound: ({ contextTokensTrained }) => ({ by: 'machine', modelTokens: contextTokensTrained }),
  };
  const workspace = { view: readyWorkspace, onDidChangeView: workspaceViews.event };
  const commandViews = new Emitter<CommandsView>();
  const slash = { view: { commands: [], note: 'None.' }, onDidChangeView: commandViews.event };
  const draftViews = new Emitter<DraftView>();
  const draft = { view: { attachments: [] }, onDidChangeView: draftViews.event };
  const installed = new Emitter<void>();
  const diagrams = { canPreview: false, onDidChange: installed.event };
  const learned = new Emitter<void>();
  const thinking = new ThinkingChoice({
    engine,
    stored: nothing,
    think: () => undefined,
    warn: message => expect.fail(message),
  });
  const feed = new PanelFeed({
    conversations,
    engine,
    workspace,
    models,
    slash,
    thinking,
    names: { onDidChange: learned.event },
    draft,
    diagrams,
  });
  const posted: ToPanel[] = [];
  feed.onMessage(message => posted.push(structuredClone(message)));
  const session = conversations.current;
  return {
    feed,
    conversations,
    session,
    engine,
    posted,
    workspaceViews,
    modelMessages,
    commandViews,
    diagrams,
    installed,
    draftViews,
  };
}
/** As it arrives in the page: fields that are not set are not sent. */
const sent = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('a page that has heard every message knows what a new page is told', async () => {
  const { feed, session, posted } = setUp(engine => {
    engine.onChat = async (_params, delta) => {
      delta({ kind: 'prefill', doneTokens: 1, totalTokens: 2 });
      delta({ kind: 'thinking', text: 'Hm', tokens: 1 });
      delta({ kind: 'text', text: 'Four' });
      return fakeAnswer('Four.', { thinking: 'Hm.' });
    };
  });
  let page: PanelState = reduce(emptyState, { type: 'snapshot', state: feed.snapshot() });
  await session.submit({ useWorkspace: true, parts: [{ type: 'text', text: '2+2?' }] });
  for (const message of posted) page = reduce(page, message);
  expect(page.turns).toMatchObject([
    { role: 'user', text: '2+2?', useWorkspace: true },
    { role: 'assistant', text: 'Four.', thinking: { text: 'Hm.' }, status: 'done' },
  ]);
  expect(sent(page)).toEqual(sent(feed.snapshot()));
});

test('a page hears of other branches: edited, asked again, switched, named, summed up', async () => {
  const { feed, session, posted } = setUp();
  let page: PanelState = reduce(emptyState, { type: 'snapshot', state: feed.snapshot() });
  const question = (text: string) => ({ useWorkspace: true, parts: [{ type: 'text' as const, text }] });
  const idAt = (index: number): string => session.branch[index]?.id ?? '';
  const steps: (() => unknown)[] = [
    () => session.submit(question('one')),
    () => session.submit(question('two')),
    () => session.edit(idAt(2), question('deux')),
    () => session.retry(idAt(1)),
    () => session.switchTo(page.turns[1]?.role === 'assistant' ? (page.turns[1].branch?.ids[0] ?? '') : ''),
    () => session.nameBranch(idAt(2), 'in French'),
    () => session.compact('short'),
  ];
  for (const step of steps) {
    await step();
    for (const message of posted.splice(0)) page = reduce(page, message);
    expect(sent(page)).toEqual(sent(feed.snapshot()));
  }
});

test('a page that comes up in the middle of an answer knows how far it is', async () => {
  let hear: (done: number) => void = () => undefined;
  const { feed, session } = setUp(engine => {
    engine.onChat = (_params, delta) => {
      hear = done => delta({ kind: 'prefill', doneTokens: done, totalTokens: 9 });
      return new Promise(() => undefined);
    };
  });
  void session.submit({ useWorkspace: false, parts: [{ type: 'text', text: 'go' }] });
  await settle();
  hear(4);
  await settle();
  expect(feed.snapshot()).toMatchObject({
    busy: true,
    turns: [{ role: 'user' }, { role: 'assistant', status: 'reading', reading: { done: 4, total: 9 } }],
  });
});

test('says why the context is bounded, before an answer and after it', async () => {
  const { feed, session, engine, posted } = setUp();
  expect(feed.snapshot().meter).toEqual({ usedTokens: 0, maxTokens: 0, bound: undefined });
  engine.start();
  await settle();
  const bound = { by: 'machine', modelTokens: fakeModel.contextTokensTrained };
  expect(feed.snapshot().meter).toEqual({ usedTokens: 0, maxTokens: fakeModel.contextTokensMax, bound });
  expect(posted.at(-1)).toMatchObject({ type: 'meter', meter: { bound } });
  await session.submit({ useWorkspace: false, parts: [{ type: 'text', text: 'Hi' }] });
  expect(feed.snapshot().meter).toMatchObject({ usedTokens: fakeStats.contextTokens, bound });
});

test('passes on what changes of the workspace, of the model page, of the commands and of the draft', () => {
  const { feed, posted, workspaceViews, modelMessages, commandViews, draftViews } = setUp();
  expect(feed.snapshot().commands).toEqual({ commands: [], note: 'None.' });
  workspaceViews.fire(readyWorkspace);
  modelMessages.fire({ type: 'models' });
  const commands: CommandsView = { commands: [{ name: 'a', description: 'A', source: 'promptFile' }] };
  commandViews.fire(commands);
  draftViews.fire({ attachments: [] });
  expect(posted).toEqual([
    { type: 'workspace', workspace: readyWorkspace },
    { type: 'models' },
    { type: 'commands', commands },
    { type: 'draft', draft: { attachments: [] } },
  ]);
});

test('says nothing after it was disposed', async () => {
  const { feed, session, posted } = setUp();
  feed.dispose();
  session.offerInput('x');
  expect(posted).toEqual([]);
});

test('an extension that draws diagrams is noticed when it comes', () => {
  const { feed, posted, diagrams, installed } = setUp();
  expect(feed.snapshot().canPreviewDiagrams).toBe(false);
  diagrams.canPreview = true;
  installed.fire();
  expect(posted).toEqual([{ type: 'diagrams', canPreview: true }]);
  expect(feed.snapshot().canPreviewDiagrams).toBe(true);
});
