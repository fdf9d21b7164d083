// strip, lstrip and rstrip in templates: the results of Python's str methods.
import { Template } from '@huggingface/jinja';
import { expect, test } from 'vitest';
import { redirectStrip, stripFunctions } from '../../../engine/prompt/jinja_strip.ts';

function render(source: string, x: unknown): string {
  const template = new Template(source);
  redirectStrip(template.parsed);
  return template.render({ ...stripFunctions, x });
}

test.each([
  ["{{ x.strip('\\n') }}", '\n\n  a \n', '  a '],
  ["{{ x.lstrip('\\n') }}", '\n\n  a \n', '  a \n'],
  ["{{ x.rstrip('\\n') }}", '\n\n  a \n\n', '\n\n  a '],
  ["{{ x.strip('ab') }}", 'abxbacba', 'xbac'],
  ['{{ x.strip() }}', ' \u0085\u001f a\ufeff\u3000\t', 'a\ufeff'],
  ['{{ x.lstrip() }}', '  a  ', 'a  '],
  ['{{ x.rstrip() }}', '  a  ', '  a'],
  ['{{ x.strip() }}', '   ', ''],
  ['{{ x.strip() }}', '', ''],
  ["{{ x.split('|')[-1].lstrip('\\n').rstrip('\\n') }}", 'a|\n b\n', ' b'],
  [
    "{% set y = ['\\n', x] %}{% for z in y if z.strip() %}{{ z.strip('x') + x.upper() }}{% endfor %}",
    'xax',
    'aXAX',
  ],
  ['{% macro m(t) %}{{ t.strip() }}{% endmacro %}{{ m(x) }}', ' a ', 'a'],
  ['{{ x | trim }}', ' a ', 'a'],
])('%s of %j', (source, x, want) => {
  expect(render(source, x)).toBe(want);
});

test('strip of something that is no text fails', () => {
  expect(() => render('{{ x.strip() }}', ['a'])).toThrow('no text');
});
