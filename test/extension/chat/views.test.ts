import { describe, expect, test } from 'vitest';
import { errors } from '../../../engine/protocol/errors.ts';
import { phrase } from '../../../engine/protocol/phrase.ts';
import { linkErrors } from '../../../extension/link/errors.ts';
import {
  newConversation,
  type AssistantMessage,
  type UserMessage,
} from '../../../extension/chat/conversation.ts';
import { engineView, keptAttachments, panelMessage, turnView } from '../../../extension/chat/views.ts';
import type { EngineState } from '../../../extension/link/engine_state.ts';
import { fakeDevice, fakeModel } from '../../fakes/fake_engine.ts';

describe('views of the engine', () => {
  test('show how far a model is loaded', () => {
    const progress = { stage: 'uploading', doneBytes: 1, totalBytes: 4 } as const;
    expect(engineView({ kind: 'loading', device: fakeDevice, progress }, 'fake')).toMatchObject({
      state: 'loading',
      loadStage: 'uploading',
      loadFraction: 0.2,
      software: true,
    });
    expect(
      engineView({ kind: 'loading', device: fakeDevice, progress: { ...progress, totalBytes: 0 } }, 'fake')
        .loadFraction,
    ).toBeUndefined();
  });

  test('show kernels that compile, while loading and while ready', () => {
    const kernels = { done: 12, total: 60 };
    const progress = { stage: 'compiling', doneBytes: 4, totalBytes: 4, kernels } as const;
    expect(engineView({ kind: 'loading', device: fakeDevice, progress }, 'fake')).toMatchObject({
      loadStage: 'compiling',
      loadFraction: expect.closeTo(0.84),
      kernels,
    });
    const ready = { kind: 'ready', device: fakeDevice, model: fakeModel, generation: 1 } as const;
    expect(engineView({ ...ready, compiling: kernels }, 'fake')).toMatchObject({ state: 'ready', kernels });
    expect(engineView(ready, 'fake').kernels).toBeUndefined();
  });

  test('name the model in every state', () => {
    const error = linkErrors.engineExited('x');
    const states: EngineState[] = [
      { kind: 'stopped' },
      { kind: 'stopped', rest: 'idle' },
      { kind: 'starting' },
      { kind: 'loading', device: fakeDevice },
      { kind: 'restarting', error, attempt: 1 },
      { kind: 'failed', error },
      { kind: 'ready', device: fakeDevice, model: fakeModel, generation: 1 },
    ];
    expect(states.map(state => engineView(state, 'chosen').modelName)).toEqual(states.map(() => 'chosen'));
  });

  test('tell an engine at rest from one that has not started', () => {
    expect(engineView({ kind: 'stopped' }, 'x').state).toBe('stopped');
    expect(engineView({ kind: 'stopped', rest: 'byHand' }, 'x').state).toBe('resting');
  });

  test('name model and device when ready', () => {
    expect(engineView({ kind: 'ready', device: fakeDevice, model: fakeModel, generation: 1 }, 'x')).toEqual({
      state: 'ready',
      modelName: 'x',
      textOnly: false,
      deviceName: 'fake device',
      software: true,
    });
  });

  test('say where only the text part of a model is used', () => {
    const model = { ...fakeModel, textOnly: true };
    expect(engineView({ kind: 'ready', device: fakeDevice, model, generation: 1 }, 'x').textOnly).toBe(true);
  });

  test("say why a model's own chat template is not used", () => {
    const model = { ...fakeModel, templateFault: phrase`it does not parse` };
    const { note } = engineView({ kind: 'ready', device: fakeDevice, model, generation: 1 }, 'x');
    expect(note).toContain('chat template is not used, but the plain form of its family: it does not parse.');
  });

  test('say what the device computes wrongly, with the remedy, before anything else', () => {
    const model = { ...fakeModel, templateFault: phrase`b`, deviceFault: phrase`A GPU computes wrongly: c` };
    const { note } = engineView({ kind: 'ready', device: fakeDevice, model, generation: 1 }, 'x');
    expect(note).toMatch(/^A GPU computes wrongly: c\. .*Update the graphics driver.* This model's own chat/);
  });

  test('offer another model when this one is bad, and a restart when the engine failed', () => {
    const bad = engineView({ kind: 'failed', error: errors.badCheckpoint('/a', phrase`b`) }, 'x');
    expect(bad.failure?.actions[0]).toBe('chooseModel');
    expect(engineView({ kind: 'failed', error: errors.loadCancelled() }, 'x').failure?.actions).toEqual([
      'restartEngine',
      'chooseModel',
    ]);
    expect(
      engineView({ kind: 'failed', error: linkErrors.engineGaveUp(6, 'x') }, 'x').failure?.actions[0],
    ).toBe('restartEngine');
  });
});

describe('views of the conversation', () => {
  const message: AssistantMessage = {
    id: 'a',
    parent: 'q',
    createdAt: 0,
    role: 'assistant',
    parts: [],
    status: 'running',
    sources: [],
    leftOut: [],
  };
  const thought = { type: 'thought', text: 'hm', startedAt: 7 } as const;

  test('say how many files the model saw whole, in excerpts and not at all', () => {
    const leftOut = [
      { path: 'a.png', reason: 'not text' },
      { path: 'b.ts', reason: 'no room', excerpt: true },
      { path: '…', reason: '40 more files were skipped', files: 40 },
    ];
    expect(turnView({ ...message, leftOut, seenWhole: 3 })).toMatchObject({
      filesSeen: '45 files: 3 seen whole, 1 in excerpts, 41 not at all',
      leftOut: [
        { path: 'b.ts', reason: 'seen in excerpts: no room' },
        { path: 'a.png', reason: 'not text' },
      ],
      leftOutMore: 40,
    });
    // An earlier version kept less.
    expect(turnView({ ...message, leftOut })).toMatchObject({ filesSeen: '42 files not seen whole' });
  });

  test('show a running answer as waiting, then as reading, then as streaming', () => {
    const status = (...args: Parameters<typeof turnView>) => {
      const turn = turnView(...args);
      return turn.role === 'assistant' ? turn.status : undefined;
    };
    expect(status(message)).toBe('waiting');
    expect(status(message, { reading: { done: 1, total: 2 } })).toBe('reading');
    expect(status({ ...message, parts: [thought] })).toBe('streaming');
    expect(status({ ...message, status: 'stopped', parts: [thought] })).toBe('stopped');
    expect(turnView(message, { reading: { done: 1, total: 2 } })).toMatchObject({
      reading: { done: 1, total: 2 },
    });
  });

  test('show thoughts apart from the text', () => {
    expect(turnView({ ...message, parts: [thought, { type: 'text', text: 'Four' }] })).toMatchObject({
      text: 'Four',
      thinking: { text: 'hm', startedAt: 7 },
    });
    expect(turnView(message)).toMatchObject({ text: '', thinking: undefined });
  });

  test('name what is attached to a question', () => {
    const parts = [
      { type: 'text', text: 'Why?' },
      { type: 'attachment', kind: 'file', name: 'a.ts', uri: 'file:///a.ts' },
    ] as const;
    const question = { id: 'q', parent: null, createdAt: 0, role: 'user', useWorkspace: true } as const;
    const seen = { id: 'q', role: 'user', useWorkspace: true };
    expect(turnView({ ...question, parts: [...parts] })).toEqual({
      ...seen,
      text: 'Why?',
      notes: ['Attached: a.ts'],
    });
    expect(turnView({ ...question, parts: [parts[0]], shown: '/why', notes: ['It was cut.'] })).toEqual({
      ...seen,
      text: '/why',
      notes: ['It was cut.'],
    });
  });

  test('show what the user has attached as what it is, and find it again by its id', () => {
    const attachment = { type: 'attachment', kind: 'folder', uri: 'file:///src', text: 'x' } as const;
    const parts: UserMessage['parts'] = [
      { ...attachment, name: 'of a command' },
      { type: 'text', text: 'Why?' },
      { ...attachment, name: 'src/', byUser: true },
      { ...attachment, name: 'test/', byUser: true },
    ];
    const question: UserMessage = {
      id: 'q',
      parent: null,
      createdAt: 0,
      role: 'user',
      useWorkspace: true,
      parts,
    };
    expect(turnView(question)).toMatchObject({
      notes: ['Attached: of a command'],
      attachments: [
        { id: '2', kind: 'folder', label: 'src/' },
        { id: '3', kind: 'folder', label: 'test/' },
      ],
    });
    expect(keptAttachments(question, ['3', '0', '1', '9'])).toEqual([parts[3]]);
  });

  test('offer what helps against the failure of an answer', () => {
    const { code, message: text, remedy } = errors.contextFull(9, 8);
    expect(
      turnView({ ...message, status: 'failed', failure: { code, message: text, remedy } }),
    ).toMatchObject({
      failure: { message: text, remedy, actions: ['newChat', 'openSettings'] },
    });
  });

  test('label sources by their lines', () => {
    const link = { path: 'a.ts', uri: 'u', startLine: 3, endLine: 3, origin: 'ranked' } as const;
    expect(turnView({ ...message, sources: [link, { ...link, endLine: 5, origin: 'cited' }] })).toMatchObject(
      {
        sources: [
          { label: 'a.ts:3', cited: false },
          { label: 'a.ts:3-5', cited: true },
        ],
      },
    );
  });

  test('tell each event in the words of the page', () => {
    const session = {
      conversation: newConversation(true),
      branch: [],
      reading: undefined,
      queue: [],
      isHeld: () => false,
    };
    const bound = { by: 'machine', modelTokens: 262_144 } as const;
    expect([
      panelMessage({ type: 'text', messageId: 'a', text: 'x' }, session, undefined),
      panelMessage({ type: 'thought', messageId: 'a', text: 'x', startedAt: 7 }, session, undefined),
      panelMessage({ type: 'reading', messageId: 'a', done: 1, total: 2 }, session, undefined),
      panelMessage({ type: 'context', usedTokens: 1, maxTokens: 2 }, session, bound),
      panelMessage({ type: 'input', text: 'x', useWorkspace: true, attachments: [] }, session, undefined),
    ]).toEqual([
      { type: 'delta', turnId: 'a', text: 'x' },
      { type: 'thinking', turnId: 'a', text: 'x', startedAt: 7 },
      { type: 'reading', turnId: 'a', done: 1, total: 2 },
      { type: 'meter', meter: { usedTokens: 1, maxTokens: 2, bound } },
      { type: 'setInput', text: 'x', useWorkspace: true },
    ]);
  });
});
