// Small templates for all that the language has, made by hand and at random: the same text as from Python, or refused as there.
import { expect, test } from 'vitest';
import { BoundedTemplate } from '../../../../engine/prompt/bounded_template.ts';
import { parseJson } from '../../../../engine/prompt/jinja/json.ts';
import type { Dict } from '../../../../engine/prompt/jinja/values.ts';
import { readSmall } from './golden_cases.ts';

const { variables, cases } = readSmall();
const render = (template: string, json = variables) =>
  new BoundedTemplate(template).render(parseJson(json) as Dict, { messages: 10, chars: 10_000 });

test('there are over a thousand', () => {
  expect(cases.length).toBeGreaterThan(1_000);
});

test.each([
  ['give the same text', cases.filter(({ text }) => text !== undefined)],
  ['are refused by both', cases.filter(({ error }) => error !== undefined)],
])('they %s', (_, list) => {
  for (const { template, text, error } of list)
    if (error === undefined) expect(render(template), template).toBe(text);
    else expect(() => render(template), template).toThrow();
});

test.each([
  '{% raw %}{{ s }}{% endraw %}',
  '{% with a = 1 %}{{ a }}{% endwith %}',
  '{% for x in l recursive %}{{ x }}{% endfor %}',
  '{% for a, (b, c) in [(1, (2, 3))] %}{{ c }}{% endfor %}',
  '{{ 1, 2 }}',
  '{%+ if t %}x{% endif %}',
  "{{ '\\d' }}",
  '{{ s|xmlattr }}',
])('what is not understood is refused, not guessed: %s', template => {
  expect(() => render(template)).toThrow();
});

test('the date of today is that of the device', () => {
  const date = new Date();
  const [year, month] = [String(date.getFullYear()), String(date.getMonth() + 1).padStart(2, '0')];
  expect(render("{{ strftime_now('%Y-%m') }}")).toBe(`${year}-${month}`);
});

test('a generator gives its items once', () => {
  expect(render("{% set g = [1, 2]|map('string') %}{{ g|join }}{{ g|join }}")).toBe('12');
});

test('marks inside texts come through JSON, quotes and reprs', () => {
  const marked = JSON.stringify({ x: 'a\udc00<b' }).replace('\\udc00', '\udc00');
  for (const template of ['{{ x|tojson }}', '{{ [x] }}', '{{ x|tojson(ensure_ascii=true) }}'])
    expect(render(template, marked), template).toContain('a\udc00<b');
});
