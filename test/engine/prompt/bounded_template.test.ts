// Templates that would not end, or would take all memory, end in an error that says why; real ones are not held back.
import { inEnglish, phrase } from '../../../engine/protocol/phrase.ts';
import { expect, test } from 'vitest';
import { BoundedTemplate, templateFaultOf } from '../../../engine/prompt/bounded_template.ts';
import { toValue, type Dict } from '../../../engine/prompt/jinja/values.ts';

const messages = [{ role: 'user', content: 'Hi' }];
const render = (
  text: string,
  variables: Record<string, unknown> = { messages },
  size = { messages: 1, chars: 2 },
) => new BoundedTemplate(text).render(toValue(variables) as Dict, size);

function whyNot(text: string): string {
  try {
    return `it gives ${render(text).length} characters`;
  } catch (error) {
    return inEnglish(phrase`${templateFaultOf(error)}`);
  }
}

/** A step 40 times, from a text of one letter. */
const doubled = (step: string) => `{% set a = 'x' %}${step.repeat(40)}`;

test.each([
  [
    'loops in loops',
    '{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}',
    'it takes',
  ],
  ['a range too long', '{% for a in range(1000000000) %}{% endfor %}', 'counts to 1000000000'],
  ['a function as JSON', '{{ range|tojson }}', 'not JSON serializable'],
  ['a range of parts', '{{ range(0, 10, 0.5) }}', 'whole numbers'],
  ['a range of steps that lead nowhere', '{{ range(0, 10, 0) }}', 'must not be zero'],
  ['a text doubled many times', doubled('{% set a = a ~ a %}'), 'too long texts'],
  ['a list doubled many times', `{% set a = [1] %}${'{% set a = a + a %}'.repeat(40)}`, 'too long texts'],
  ['a list in two places, many times', `${doubled('{% set a = [a, a] %}')}{{ a }}`, 'too long texts'],
  [
    'an object in two places, many times',
    `${doubled("{% set a = {'b': a, 'c': a} %}")}{{ a|tojson }}`,
    /too long texts|longer than/,
  ],
  [
    'a text put in place of each letter',
    "{% set ns = namespace(a='xxxxxxxxxxxxxxxxxxxx') %}{% for i in range(9) %}{% set ns.a = ns.a|replace('x', ns.a) %}{% endfor %}",
    'too long',
  ],
  ['a macro that calls itself', '{% macro say() %}{{ say() }}{% endmacro %}{{ say() }}', 'nests too deep'],
  [
    'a namespace in itself, printed',
    '{% set ns = namespace() %}{% set ns.a = ns %}{{ ns }}',
    'nests too deep',
  ],
  ['a text repeated', "{{ 'x' * 900000000 }}", 'too long texts'],
  ['a text filled up', "{{ 'x'.center(900000000) }}", 'too long texts'],
  ['a wide field', "{{ '%900000000d' % 1 }}", 'too wide'],
  ['a wide field that was computed', "{{ '{:{w}}'.format(1, w=900000000) }}", 'too wide'],
  ['a power of powers', '{{ 9 ** (9 ** 9) }}', 'too large a number'],
  ['a separator many times', "{{ range(9999)|join('x' * 9999) }}", 'too long texts'],
  [
    'two lists that are compared for ever',
    `${doubled('{% set a = [a, a] %}')}${doubled('{% set a = [a, a] %}').replaceAll(' a ', ' b ').replaceAll('a, a', 'b, b')}{{ a == b }}`,
    'it takes',
  ],
  ['a wide indent', '{{ messages|tojson(indent=900000000) }}', 'too large a number'],
  ['a wide indent that was computed', "{{ 'a\nb'|indent(30000 * 30000) }}", 'too large a number'],
  ['a wide indent in a list of arguments', "{{ 'a\nb'|indent(*[900000000]) }}", 'too large a number'],
  [
    'brackets in brackets',
    `{{ ${'('.repeat(100_000)}1${')'.repeat(100_000)} }}`,
    /nests too deep|longer than/,
  ],
  ['blanks that are looked at again and again', ' '.repeat(200_000), 'longer than 1000 ms'],
  ['more than any template needs', '{}'.repeat(200_000), '400000 characters'],
  [
    'much text out of little',
    '{{ range(9999)|list }}{{ range(9999)|list }}',
    'it makes 117768 characters of 2',
  ],
  [
    'an error raised by the template',
    "{{ raise_exception('roles must alternate') }}",
    'roles must alternate',
  ],
  ['an error raised with no text', '{{ raise_exception(messages) }}', 'raises an exception'],
  ['something the library stumbles over', '{{ f(', 'cannot follow it'],
  [
    'a list in a list, many times',
    `{% set a = [1] %}${'{% set a = [a] %}'.repeat(10_000)}{{ a }}`,
    /nests too deep|longer than/,
  ],
])('%s is refused with the reason', (_, text, why) => {
  expect(whyNot(text)).toMatch(why);
});

test('what released templates use is there', () => {
  expect(render('{{ range(3)|list }} {{ range(2, 6, 2)|list }} {{ range(3, 0, -1)|list }}')).toBe(
    '[0, 1, 2] [2, 4] [3, 2, 1]',
  );
  expect(render('{% set a = []|first %}{{ messages[1:]|first is defined }}')).toBe('False');
  expect(render('{{ True and not False and None is none }}')).toBe('True');
  expect(render("{{ strftime_now('%Y')|length }}")).toBe('4');
  expect(render("{{ {'a': [1]}|tojson(indent=4, separators=(',', ':')) }}")).toContain('\n    "a":[');
  expect(
    render(
      '{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}',
    ),
  ).toBe('1');
});

test('a long conversation has an allowance of its own length', () => {
  const long = Array.from({ length: 2000 }, () => ({ role: 'user', content: 'x'.repeat(2000) }));
  const text =
    '{% for m in messages %}{% if m.role == "user" %}{{ "<" ~ (m.content|trim) ~ ">" }}{% endif %}{% endfor %}';
  expect(render(text, { messages: long }, { messages: 2000, chars: 4_000_000 }).length).toBe(4_004_000);
});
