// What is found out about a template's switches, by templates as small as they can be.
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { BoundedTemplate } from '../../../engine/prompt/bounded_template.ts';
import { createChatTemplate } from '../../../engine/prompt/chat_template.ts';
import type { TextTokenizer } from '../../../engine/tokenizer/tokenizer.ts';
import { thinkingText } from '../../support/thinking_model.ts';

let tokenizer: TextTokenizer;
beforeAll(async () => {
  ({ tokenizer } = await thinkingText(undefined));
});
const templateOf = (chatTemplate: string) => createChatTemplate('t', { ...tokenizer, chatTemplate });
const factsOf = (chatTemplate: string) => templateOf(chatTemplate).thinking;
const prompt = '{{ messages[0].content }}';

describe('thinking', () => {
  test.each([
    ['there is none without a word of it', prompt, 'never', false],
    [
      'it cannot be chosen where both settings say the same',
      `${prompt}{% if enable_thinking %}{% endif %}`,
      'never',
      false,
    ],
    ['a thought is always opened', `${prompt}<think>`, 'always', true],
    [
      'it is on unless it is switched off',
      `${prompt}{% if enable_thinking is not false %}<think>{% endif %}`,
      'choice',
      true,
    ],
    [
      'it is off unless it is switched on',
      `${prompt}{% if enable_thinking %}<think>{% endif %}`,
      'choice',
      false,
    ],
    [
      'the model opens its thoughts by itself, unless it gets an empty one',
      `${prompt}{% if enable_thinking is false %}<think></think>{% endif %}`,
      'choice',
      true,
    ],
    ['a name that is only spoken of is no switch', `${prompt}enable_thinking`, 'never', false],
    [
      'a template that refuses a setting has no choice',
      `${prompt}{% if enable_thinking %}{{ raise_exception('no') }}{% endif %}`,
      'never',
      false,
    ],
    ['a template that refuses everything', "{{ raise_exception('no') }}", 'never', false],
  ])('%s', (_, template, mode, byDefault) => {
    expect(factsOf(template)).toEqual({ mode, byDefault, efforts: [] });
  });
});

describe('efforts', () => {
  const known = (names: string[], unset: string) =>
    `{% set e = reasoning_effort|default('${unset}') %}` +
    `{% if e not in ['${names.join("', '")}'] %}{{ raise_exception('no') }}{% endif %}${prompt} {{ e }}`;

  test('are those that the template names and takes, least first', () => {
    expect(factsOf(known(['high', 'low', 'max'], 'high'))).toMatchObject({
      efforts: ['low', 'high', 'max'],
      defaultEffort: 'high',
    });
  });

  test('are told once of two names for the same', () => {
    const both = `{% set e = reasoning_effort|default('xhigh') %}{{ 'short' if e == 'low' else 'long' if e in ['high', 'xhigh'] }}`;
    expect(factsOf(both)).toMatchObject({ efforts: ['low', 'xhigh'], defaultEffort: 'xhigh' });
  });

  test('have three usual names where a template takes any', () => {
    expect(factsOf(`${prompt}{% if reasoning_effort %} Effort: {{ reasoning_effort }}{% endif %}`)).toEqual({
      mode: 'never',
      byDefault: false,
      efforts: ['low', 'medium', 'high'],
    });
  });

  test('are none where they change nothing, or only one is taken', () => {
    expect(factsOf(`${prompt}{% if reasoning_effort == 'low' %}{% endif %}`).efforts).toEqual([]);
    expect(factsOf(known(['high'], 'high')).efforts).toEqual([]);
  });

  test('count while the model thinks', () => {
    const thinking = `${prompt}{% if enable_thinking %}{{ reasoning_effort|default('low') }}{% endif %}`;
    expect(factsOf(thinking)).toMatchObject({ mode: 'choice', efforts: ['low', 'medium', 'high'] });
    expect(factsOf(thinking).defaultEffort).toBe('low');
  });

  test('that are taken without being told of are taken', () => {
    const template = templateOf(
      `{% set e = reasoning_effort|default('xhigh') %}{% set e = 'xhigh' if e == 'high' else e %}` +
        `{% if e not in ['low', 'xhigh'] %}{{ raise_exception('no') }}{% endif %}${prompt} {{ e }}`,
    );
    const ask = (effort: string) => template.prompt([{ role: 'user', content: 'Hi' }], { effort }).ids;
    expect(template.thinking.efforts).toEqual(['low', 'xhigh']);
    expect(ask('high')).toEqual(ask('xhigh'));
    expect(() => ask('medium')).toThrow('takes low, xhigh, not "medium"');
  });
});

test('a template that asks for too much is tried once', () => {
  const loop = '{% for a in range(9999) %}{% for b in range(9999) %}{{ b }}{% endfor %}{% endfor %}';
  const template = templateOf(`${prompt}{{ enable_thinking }}{{ reasoning_effort }}${loop}`);
  const rendered = vi.spyOn(BoundedTemplate.prototype, 'render');
  expect(template.thinking).toEqual({ mode: 'never', byDefault: false, efforts: [] });
  expect(template.thinking.mode).toBe('never');
  expect(rendered).toHaveBeenCalledTimes(1);
  rendered.mockRestore();
});
