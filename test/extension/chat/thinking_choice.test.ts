// What can be chosen of a model's thinking, what is asked then, and where the choice is kept.
import { beforeEach, expect, test } from 'vitest';
import { Emitter } from 'vscode-jsonrpc/node';
import type { ThinkingFacts } from '../../../engine/protocol/lifecycle.ts';
import { ThinkingChoice } from '../../../extension/chat/thinking_choice.ts';
import type { EngineState } from '../../../extension/link/engine_state.ts';
import { fakeModel } from '../../fakes/fake_engine.ts';

const both: ThinkingFacts = {
  mode: 'choice',
  byDefault: true,
  efforts: ['low', 'high'],
  defaultEffort: 'high',
};
let states: Emitter<EngineState>;
let modelName: string;
let setting: boolean | undefined;
let stored: unknown;
let changes: number;
function open(): ThinkingChoice {
  const choice = new ThinkingChoice({
    engine: {
      state: { kind: 'stopped' },
      get modelName() {
        return modelName;
      },
      onDidChangeState: states.event,
    },
    stored: { get: () => stored, set: async value => void (stored = value) },
    think: () => setting,
    warn: message => expect.fail(message),
  });
  choice.onDidChange(() => changes++);
  return choice;
}
const load = (thinking: ThinkingFacts): void =>
  states.fire({ kind: 'ready', model: { ...fakeModel, thinking } } as EngineState);
beforeEach(() => {
  states = new Emitter();
  modelName = 'one';
  setting = stored = undefined;
  changes = 0;
});

test('nothing is offered before a model is known, nor by one that leaves no choice', () => {
  const choice = open();
  expect(choice.view).toBeUndefined();
  load({ mode: 'always', byDefault: true, efforts: [] });
  expect(choice.view).toBeUndefined();
  expect(choice.asked).toEqual({ think: undefined, effort: undefined });
});

test('what the model has is offered, as it is by default, and then as it was chosen', () => {
  const choice = open();
  load(both);
  expect(changes).toBe(1);
  expect(choice.view).toEqual({ canSwitch: true, think: true, efforts: ['low', 'high'], effort: 'high' });
  expect(choice.asked).toEqual({ think: undefined, effort: undefined });
  choice.choose({ effort: 'low' });
  choice.choose({ think: false });
  expect(choice.view).toMatchObject({ think: false, effort: 'low' });
  expect(choice.asked).toEqual({ think: false, effort: 'low' });
  expect(changes).toBe(3);
});

test('the setting counts until something is chosen', () => {
  setting = false;
  const choice = open();
  load(both);
  expect([choice.view?.think, choice.asked.think]).toEqual([false, false]);
  choice.choose({ think: true });
  expect([choice.view?.think, choice.asked.think]).toEqual([true, true]);
});

test('the next window offers the same before the model is loaded, and keeps the choice', () => {
  const before = open();
  load(both);
  before.choose({ effort: 'low' });
  const after = open();
  expect(after.view).toMatchObject({ effort: 'low' });
  modelName = 'another';
  expect(after.view).toBeUndefined();
});

test('an effort that another model does not know is not asked of it', () => {
  const choice = open();
  load(both);
  choice.choose({ effort: 'low' });
  load({ ...both, efforts: ['minimal', 'full'], defaultEffort: undefined });
  expect(choice.asked.effort).toBeUndefined();
  expect(choice.view).toEqual({
    canSwitch: true,
    think: true,
    efforts: ['minimal', 'full'],
    effort: undefined,
  });
});

test('what was kept and makes no sense counts as nothing', () => {
  stored = { think: 'perhaps' };
  expect(open().asked).toEqual({ think: undefined, effort: undefined });
});
