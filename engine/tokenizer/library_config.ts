// What the tokenizer library is given: put together from parts of tokenizer.json that were checked one by one. Only what a
// byte-level BPE tokenizer needs gets there: a pattern out of a file could keep a regular expression busy for ever, and a
// setting of the wrong type would come to light in the middle of a text.
import { phrase, type Phrase } from '../protocol/phrase.ts';
import { splitPatterns } from '../checkpoint/gguf_tokenizer.ts';
import { describeValue } from '../checkpoint/describe_value.ts';

type Bad = (why: Phrase) => Error;

const unicodeForms: ReadonlySet<unknown> = new Set(['NFC', 'NFD', 'NFKC', 'NFKD']);
const knownPatterns: ReadonlySet<unknown> = new Set(splitPatterns.values());

/** A tokenizer.json without added tokens. `merges` are pairs that were checked. */
export function libraryConfig(
  tokenizerJson: Record<string, unknown>,
  merges: readonly (readonly [string, string])[],
  bad: Bad,
): Record<string, unknown> {
  const { vocab, ignore_merges, ...model } = tokenizerJson['model'] as Record<string, unknown>;
  for (const affix of ['continuing_subword_prefix', 'continuing_subword_suffix', 'end_of_word_suffix'])
    if ((model[affix] ?? '') !== '')
      throw bad(phrase`its ${affix} is ${describeValue(model[affix])}, not empty`);
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: normalizer(tokenizerJson['normalizer'] ?? null, bad),
    pre_tokenizer: preTokenizer(tokenizerJson['pre_tokenizer'] ?? null, bad),
    post_processor: null,
    decoder: null,
    model: { type: 'BPE', vocab, merges, ignore_merges: ignore_merges === true, unk_token: null },
  };
}

function normalizer(value: unknown, bad: Bad): unknown {
  if (value === null) return null;
  const { type, normalizers } = fields(value);
  if (unicodeForms.has(type)) return { type };
  if (type === 'Sequence' && Array.isArray(normalizers))
    return { type, normalizers: normalizers.map(one => normalizer(one, bad)) };
  throw bad(phrase`its normalizer ${describeValue(type)} is none of a byte-level tokenizer`);
}

function preTokenizer(value: unknown, bad: Bad): unknown {
  const { type, pretokenizers, add_prefix_space, use_regex, pattern, behavior, invert } = fields(value);
  if (type === 'Sequence' && Array.isArray(pretokenizers))
    return { type, pretokenizers: pretokenizers.map(one => preTokenizer(one, bad)) };
  if (type === 'ByteLevel')
    return { type, add_prefix_space: add_prefix_space === true, use_regex: use_regex !== false };
  if (type !== 'Split')
    throw bad(phrase`its pre-tokenizer ${describeValue(type)} is none of a byte-level tokenizer`);
  const { Regex } = fields(pattern);
  if (!knownPatterns.has(Regex))
    throw bad(phrase`it splits by ${describeValue(Regex)}, which is not a pattern of the Qwen models`);
  if (behavior !== 'Isolated' || (invert ?? false) !== false)
    throw bad(phrase`its pre-tokenizer does not keep what it splits by`);
  return { type, pattern: { Regex }, behavior, invert: false };
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
