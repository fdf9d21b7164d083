import { expect, test } from 'vitest';
import { chatSettings } from '../../../extension/chat/editor_state.ts';
import { readSettings, type SettingName } from '../../../extension/settings.ts';

const settings = (values: Partial<Record<SettingName, unknown>>) =>
  chatSettings(
    readSettings(
      name => values[name],
      (_name, message) => expect.unreachable(message),
    ),
  );

test('what is not set is left to the model', () => {
  const { sampling, maxTokens } = settings({});
  expect(Object.values(sampling).filter(value => value !== undefined)).toEqual([]);
  expect(maxTokens).toBeUndefined();
  expect(settings({ 'chat.maxTokens': 7 }).maxTokens).toBe(7);
});

test('thinking and its budget are those of the settings', () => {
  expect(settings({})).toMatchObject({ think: undefined, thinkingTokens: undefined });
  expect(settings({ 'chat.thinking': 'off', 'chat.thinkingTokens': 0 })).toMatchObject({
    think: false,
    thinkingTokens: 0,
  });
});

test('every setting of sampling reaches the request', () => {
  const { sampling } = settings({
    'chat.temperature': 0.7,
    'chat.topP': 0.8,
    'chat.topK': 20,
    'chat.minP': 0,
    'chat.repetitionPenalty': 1.05,
    'chat.presencePenalty': -0.5,
  });
  expect(sampling).toEqual({
    temperature: 0.7,
    topP: 0.8,
    topK: 20,
    minP: 0,
    repetitionPenalty: 1.05,
    presencePenalty: -0.5,
  });
});
