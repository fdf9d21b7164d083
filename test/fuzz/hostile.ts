// Values that break careless readers: integers at the ends of their types, numbers JSON cannot hold, texts and nests too large.
import fc, { type Arbitrary } from 'fast-check';

const powers = [7n, 8n, 15n, 16n, 24n, 31n, 32n, 40n, 52n, 53n, 56n, 60n, 62n, 63n, 64n];

/** Unsigned 64-bit integers, most of them at a border. */
export const hostileInteger: Arbitrary<bigint> = fc.oneof(
  fc.bigInt(0n, 40n),
  fc
    .constantFrom(...powers)
    .chain(power => fc.bigInt(-33n, 33n).map(near => BigInt.asUintN(64, 2n ** power + near))),
  fc.bigInt(0n, 2n ** 64n - 1n),
);

export const hostileString: Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...[
      '',
      ' ',
      '\0',
      '\ud800',
      '__proto__',
      'constructor',
      'toString',
      '../../etc/passwd',
      'a/b',
      'a\\b',
      '.',
      '..',
    ],
    'NaN',
    'null',
    '%s%n',
    '(a+)+$',
    '<|im_end|>',
    '\u202e',
    'Ġ',
    'ĠĠ',
    'Ā ā',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(300, 70_000, 700_000).map(length => 'x'.repeat(length)),
);

const nests = [
  (depth: number) => '['.repeat(depth) + ']'.repeat(depth),
  (depth: number) => '['.repeat(depth),
  (depth: number) => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth),
  (depth: number) => '[{"type":"Sequence","pretokenizers":'.repeat(depth) + '[]' + '}]'.repeat(depth),
];

/** Text to stand where JSON has a value; not always JSON. */
export const hostileJson: Arbitrary<string> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ...[
        'null',
        'true',
        'false',
        '0',
        '-0',
        '-1',
        '1',
        '0.5',
        '[]',
        '{}',
        '""',
        '[[]]',
        '[null]',
        '[{}]',
        '{"":null}',
      ],
      ...[
        'NaN',
        'Infinity',
        '-Infinity',
        '1e999',
        '-1e999',
        '1e-999',
        '1e308',
        '-1e308',
        '5e-324',
        '1e15',
        '"1"',
      ],
      ...[
        '9007199254740991',
        '9007199254740993',
        '18446744073709551615',
        '4294967296',
        '2147483648',
        '1099511627776',
      ],
      ...[
        '{"__proto__":{"x":1}}',
        '{"toString":1,"valueOf":2}',
        '{"constructor":{"prototype":{}}}',
        '{"length":-1}',
      ],
      ...[
        'undefined',
        '0x10',
        '01',
        '1_000',
        "'a'",
        '[1,]',
        '{"a":1,}',
        '// a',
        '{"Regex":"(a+)+$"}',
        '{"Regex":"("}',
      ],
    ),
  },
  { weight: 2, arbitrary: hostileString.map(text => JSON.stringify(text)) },
  { weight: 1, arbitrary: hostileInteger.map(String) },
  { weight: 1, arbitrary: fc.double().map(String) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...nests), fc.constantFrom(70, 900, 20_000, 200_000))
      .map(([nest, depth]) => nest(depth)),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom('0', '-1', '"a"', 'null', '[]', '{}', '"a b"'),
        fc.constantFrom(300, 5_000, 100_000),
      )
      .map(([item, count]) => `[${Array.from({ length: count }, () => item).join(',')}]`),
  },
);
