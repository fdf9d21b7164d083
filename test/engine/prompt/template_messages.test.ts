// Every conversation in the form that all templates take, and nothing in it that could become a control token.
import { expect, test } from 'vitest';
import { jsonText } from '../../../engine/prompt/jinja/json.ts';
import { Meter, type Value } from '../../../engine/prompt/jinja/values.ts';
import {
  conversationChars,
  templateMessages,
  templateTools,
  type PromptMessage,
} from '../../../engine/prompt/template_messages.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';

const json = (value: Value) =>
  jsonText(
    value,
    { itemSeparator: ', ', keySeparator: ': ', ensureAscii: false, sortKeys: false },
    new Meter(100_000),
  );
const asIs = (text: string) => text;
const marked = (text: string, { keepVisible }: { keepVisible: boolean }) =>
  keepVisible ? `(${text})` : `[${text}]`;
const formOf = (messages: PromptMessage[], shield = asIs as typeof marked) =>
  json(templateMessages(messages, shield));

test('all system and developer messages are one, at the beginning', () => {
  expect(
    formOf([
      { role: 'developer', content: 'a' },
      { role: 'user', content: 'hi' },
      { role: 'system', content: 'b' },
      { role: 'system', content: '' },
    ]),
  ).toBe(
    '[{"role": "system", "content": "a\n\nb"}, {"role": "user", "content": "hi"}]'.replace('\n\n', '\\n\\n'),
  );
  expect(formOf([{ role: 'system', content: '' }])).toBe('[{"role": "system", "content": ""}]');
});

test('parts are one text, and no content is an empty one', () => {
  expect(
    formOf([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
      { role: 'assistant', content: null },
    ]),
  ).toBe('[{"role": "user", "content": "ab"}, {"role": "assistant", "content": ""}]');
});

test('a call has its arguments as an object, with the order of its keys and its numbers as they were written', () => {
  const message: PromptMessage = {
    role: 'assistant',
    content: null,
    thinking: 'hm',
    toolCalls: [{ id: 'c1', name: 'f', arguments: '{"b": 1.0, "2": 1e-07, "1": 12345678901234567890}' }],
  };
  expect(formOf([message, { role: 'tool', content: 'ok', toolCallId: 'c1' }])).toBe(
    '[{"role": "assistant", "content": "", "reasoning_content": "hm", "tool_calls": [{"id": "c1", "type": "function", "function": ' +
      '{"name": "f", "arguments": {"b": 1.0, "2": 1e-07, "1": 12345678901234567890}}}]}, ' +
      '{"role": "tool", "content": "ok", "tool_call_id": "c1"}]',
  );
});

test("every text is made safe, the model's own words in their own way", () => {
  const calls = [{ name: 'f', arguments: '{"k": ["v", 1]}' }];
  expect(
    formOf(
      [
        { role: 'system', content: 's' },
        { role: 'assistant', content: 'a', thinking: 't', toolCalls: calls },
        { role: 'tool', content: 'r' },
      ],
      marked,
    ),
  ).toBe(
    '[{"role": "system", "content": "[s]"}, {"role": "assistant", "content": "(a)", "reasoning_content": "(t)", "tool_calls": ' +
      '[{"type": "function", "function": {"name": "(f)", "arguments": {"(k)": ["(v)", 1]}}}]}, {"role": "tool", "content": "[r]"}]',
  );
  expect(json(templateTools(['{"name": "f", "default": null}'], marked))).toBe(
    '[{"[name]": "[f]", "[default]": null}]',
  );
});

test.each(['{', '[1]', '"x"', ''])('arguments and tools that are %j are refused by name', async text => {
  const calls = [{ name: 'open', arguments: text }];
  const byCall = await hearthErrorOf(() =>
    templateMessages([{ role: 'assistant', content: '', toolCalls: calls }], asIs),
  );
  expect([byCall.code, byCall.message]).toEqual([
    'badParams',
    expect.stringContaining('the arguments of "open"'),
  ]);
  expect((await hearthErrorOf(() => templateTools([text], asIs))).message).toContain('tools[0]');
});

test('all characters count for what a rendering may take', () => {
  const toolCalls = [{ name: 'f', arguments: '{"a":1}' }];
  const message: PromptMessage = {
    role: 'assistant',
    content: [{ type: 'text', text: 'ab' }],
    thinking: 'c',
    toolCalls,
  };
  expect(conversationChars([message, { role: 'user', content: null }], ['{"x":1}'])).toBe(2 + 1 + 7 + 7);
});
