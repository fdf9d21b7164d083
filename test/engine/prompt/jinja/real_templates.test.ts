// The released templates of the family: each conversation comes out byte for byte as from Python, or is refused as there.
import { describe, expect, test } from 'vitest';
import { BoundedTemplate } from '../../../../engine/prompt/bounded_template.ts';
import { parseJson } from '../../../../engine/prompt/jinja/json.ts';
import type { Dict } from '../../../../engine/prompt/jinja/values.ts';
import { readReal } from './golden_cases.ts';

const { templates, conversations, golden } = readReal();

describe.each(Object.entries(templates))('%s', (name, text) => {
  const template = new BoundedTemplate(text);

  test('renders every conversation as Python does', () => {
    const outcomes = Object.entries(golden[name] ?? {});
    expect(outcomes.length).toBe(Object.keys(conversations).length);
    for (const [conversation, { text: wanted, error }] of outcomes) {
      const json = conversations[conversation] as string;
      const render = () => template.render(parseJson(json) as Dict, { messages: 100, chars: json.length });
      if (wanted === undefined) expect(reasonOf(render), conversation).toBe(error);
      else expect(render(), conversation).toBe(wanted);
    }
  });
});

/** The message of what is thrown, behind the name that Python gives it. */
function reasonOf(render: () => string): string {
  try {
    return `it renders ${render()}`;
  } catch (error) {
    const { message } = error as Error;
    return `${kinds.find(([pattern]) => pattern.test(message))?.[1] ?? 'TemplateError'}: ${message}`;
  }
}

const kinds: [RegExp, string][] = [
  [/is undefined$|has no (attribute|element)/, 'UndefinedError'],
  [
    /^can only concatenate|^Can only get|not JSON serializable|not iterable$|has no len|^unsupported operand/,
    'TypeError',
  ],
];

test('there are as many texts as were stored', () => {
  const outcomes = Object.values(golden).flatMap(one => Object.values(one));
  expect(outcomes.filter(({ text }) => text !== undefined).length).toBe(1780);
  expect(outcomes.filter(({ error }) => error !== undefined).length).toBe(253);
});
