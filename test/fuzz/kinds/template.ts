// Chat templates: real ones with pieces and bytes changed, and small hostile programs put together at random.
import fc, { type Arbitrary } from 'fast-check';
import { mutatedBytes } from '../byte_mutations.ts';
import { textFile, type Kind } from '../case.ts';
import { fixtureGguf, smallTokenizer, templates } from '../seeds.ts';
import { ggufBytes } from '../../support/gguf_writer.ts';

export async function templateKinds(): Promise<Record<string, Kind>> {
  const seed = await fixtureGguf('gguf_next');
  const { metadata } = smallTokenizer(seed);
  const input = {
    metadata: { ...seed.input.metadata, ...metadata, 'tokenizer.chat_template': '' },
    tensors: [],
  };
  const cases = (template: Arbitrary<string>): Kind['cases'] =>
    template.map(text => ({
      path: 'model.gguf',
      files: {
        'model.gguf': {
          bytes: ggufBytes({ ...input, metadata: { ...input.metadata, 'tokenizer.chat_template': text } }),
        },
        // Beside it to be read; the model is the GGUF file.
        'chat_template.jinja': textFile(text),
      },
    }));
  return {
    'templates changed': { share: 10, cases: cases(fc.constantFrom(...templates).chain(changedText)) },
    // Such a program may run for its whole second, and is rendered several times for one case.
    'templates made up': { share: 10, cases: cases(program), cpuMsMax: 3000 },
  };
}

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Pieces between and inside tags taken out, doubled or swapped for others; or plain bytes changed. */
function changedText(text: string): Arbitrary<string> {
  const bytes = new TextEncoder().encode(text);
  const pieces = text.split(/(\{%-?|-?%\}|\{\{-?|-?\}\}|[\s()[\]|'"=+.,]+)/).filter(piece => piece !== '');
  const pick = fc.nat(pieces.length - 1);
  const change = fc.tuple(
    pick,
    fc.oneof(
      pick.map(i => pieces[i] as string),
      expression(2),
      fc.constant(''),
    ),
  );
  const byPieces = fc.array(change, { minLength: 1, maxLength: 4 }).map(list => {
    const out = [...pieces];
    for (const [at, by] of list) out[at] = by;
    return out.join('');
  });
  return fc.oneof(
    { weight: 3, arbitrary: byPieces },
    { weight: 1, arbitrary: mutatedBytes({ bytes, places: [], headBytes: bytes.byteLength }).map(decode) },
  );
}

const variable = fc.constantFrom(
  'a',
  'b',
  'ns',
  'ns.a',
  'ns.b',
  'messages',
  'm',
  'm.content',
  'messages[0].content',
  'loop',
  'say',
  'undefined',
);
const number = fc.constantFrom(
  '0',
  '1',
  '-1',
  '3',
  '1000',
  '100000',
  '1000000000',
  '9e9',
  '0.5',
  '1e-300',
  '10**300',
  '99999999999999999999',
);
const filter = fc.constantFrom(
  ...[
    'upper',
    'length',
    'list',
    'join',
    "join('xxxxxxxx')",
    'tojson',
    'tojson(indent=1000000000)',
    'tojson(indent=3)',
    'indent(900000000)',
  ],
  ...[
    'indent',
    'string',
    'sort',
    'reverse',
    'unique',
    'items',
    'trim',
    "replace('', 'yyyyyyyyyyyyyyyy')",
    "replace('a', a)",
    'map(upper)',
  ],
  ...[
    'dictsort',
    'first',
    'last',
    'int',
    'float',
    'abs',
    'title',
    "default('x')",
    "selectattr('role')",
    "map(attribute='role')",
    'nonsense',
    'safe',
  ],
);

function expression(depth: number): Arbitrary<string> {
  const leaf = fc.oneof(
    variable,
    number,
    fc.constantFrom("'x'", '"yy"', '[]', '{}', 'namespace()', 'none', 'true'),
  );
  if (depth === 0) return leaf;
  const inner = expression(depth - 1);
  return fc.oneof(
    { weight: 2, arbitrary: leaf },
    fc
      .tuple(
        inner,
        fc.constantFrom('+', '~', '*', '-', '/', '%', '**', '//', '==', '<', 'in', 'and', 'or', 'is', 'if'),
        inner,
      )
      .map(([x, operator, y]) => `(${x} ${operator} ${y})`),
    fc.tuple(inner, filter).map(([x, name]) => `${x}|${name}`),
    fc.tuple(inner, inner).map(([x, y]) => `[${x}, ${y}]`),
    fc.tuple(inner, inner).map(([x, y]) => `{'k': ${x}, 'l': ${y}}`),
    fc
      .tuple(
        inner,
        fc.constantFrom(
          '[0]',
          '[::-1]',
          '[1:]',
          '[-1]',
          '.k',
          '.content',
          '.strip()',
          ".split('')",
          '.items()',
          "['__proto__']",
          '.constructor',
          '.lower()',
        ),
      )
      .map(([x, end]) => x + end),
    fc.tuple(number, number, number).map(([from, to, step]) => `range(${from}, ${to}, ${step})`),
    number.map(to => `range(${to})`),
    inner.map(x => `say(${x})`),
    inner.map(x => `namespace(a=${x})`),
    inner.map(x => `raise_exception(${x})`),
  );
}

function statement(depth: number): Arbitrary<string> {
  const value = expression(2);
  const simple = fc.oneof(
    value.map(x => `{{ ${x} }}`),
    fc
      .tuple(fc.constantFrom('a', 'b', 'ns.a', 'ns.b', 'ns', 'x, y'), value)
      .map(([name, x]) => `{% set ${name} = ${x} %}`),
    // Growth: each doubles what is there.
    fc.constantFrom(
      '{% set a = a ~ a %}',
      '{% set a = [a, a] %}',
      '{% set a = a + a %}',
      "{% set a = {'x': a, 'y': a} %}",
      '{% set ns.a = [ns.a, ns.a] %}',
      '{% set ns.b = ns %}',
      '{% set ns = namespace(a=ns, b=ns) %}',
    ),
  );
  if (depth === 0) return simple;
  const body = fc.array(statement(depth - 1), { minLength: 1, maxLength: 3 }).map(list => list.join(''));
  return fc.oneof(
    { weight: 2, arbitrary: simple },
    fc
      .tuple(
        fc.oneof(
          fc.constant('messages'),
          value,
          number.map(to => `range(${to})`),
        ),
        body,
      )
      .map(([x, inner]) => `{% for m in ${x} %}${inner}{% endfor %}`),
    fc.tuple(value, body).map(([x, inner]) => `{% if ${x} %}${inner}{% endif %}`),
    body.map(inner => `{% macro say(m) %}${inner}{% endmacro %}`),
    body.map(inner => `{% call say(1) %}${inner}{% endcall %}`),
    fc.tuple(filter, body).map(([name, inner]) => `{% filter ${name} %}${inner}{% endfilter %}`),
    // A body many times over.
    fc.tuple(body, fc.constantFrom(30, 200)).map(([inner, times]) => inner.repeat(times)),
  );
}

const repeated = fc
  .tuple(
    fc.constantFrom(
      '(',
      '[',
      '{{',
      '{%',
      '{#',
      ' ',
      '\n ',
      'not ',
      '-',
      '{% if 1 %}',
      '{% for x in [1] %}',
      "{'a':",
      '{% macro say() %}',
      'a.',
      'a|',
      "'",
    ),
    fc.constantFrom(100, 5_000, 60_000),
  )
  .map(([piece, times]) => piece.repeat(times));

const program: Arbitrary<string> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .array(statement(2), { minLength: 1, maxLength: 5 })
      .map(list => `{% set a = 'x' %}{% set b = [1] %}{% set ns = namespace(a='y') %}${list.join('')}`),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('', '{{ ', '{% set a = '), repeated, fc.constantFrom('', ' }}', ' %}'))
      .map(parts => parts.join('')),
  },
);
