// Rebuilds tokenizer.json and tokenizer_config.json contents from GGUF metadata (docs/MODEL.md 3.6, 11.1).
// Checks the lists and their sizes; whether the vocabulary is complete is checked where it is used.
import { errors } from '../protocol/errors.ts';
import { phrase, type Phrase } from '../protocol/phrase.ts';
import type { CheckpointTokenizer } from './checkpoint.ts';
import { quoted, describeValue } from './describe_value.ts';

/** Split patterns by `tokenizer.ggml.pre`, as written in the models' own tokenizer.json. */
export const splitPatterns: ReadonlyMap<string, string> = new Map([
  [
    'qwen2',
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  ],
  [
    'qwen35',
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  ],
]);

/** Token types of the file format. */
const tokenTypes = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;
const knownTypes: ReadonlySet<unknown> = new Set(Object.values(tokenTypes));

/** Throws badTokenizer with what is wrong. */
export function tokenizerFromGguf(path: string, metadata: Record<string, unknown>): CheckpointTokenizer {
  const bad = (why: Phrase) => errors.badTokenizer(path, why);
  const model = metadata['tokenizer.ggml.model'];
  if (model !== 'gpt2') throw bad(phrase`its model is ${describeValue(model)}, not byte-level BPE ("gpt2")`);
  const pre = metadata['tokenizer.ggml.pre'] ?? 'qwen2';
  const pattern = typeof pre === 'string' ? splitPatterns.get(pre) : undefined;
  if (pattern === undefined)
    throw bad(phrase`its pre-tokenizer is ${describeValue(pre)}, not qwen2 or qwen35`);
  const tokens = stringList(metadata['tokenizer.ggml.tokens']);
  if (!tokens || tokens.length === 0) throw bad(phrase`it has no list of tokens`);
  const types = metadata['tokenizer.ggml.token_type'];
  if (types !== undefined && (!Array.isArray(types) || types.length !== tokens.length))
    throw bad(
      Array.isArray(types)
        ? phrase`it has ${tokens.length} tokens but ${types.length} token types`
        : phrase`it has ${tokens.length} tokens but no token types`,
    );
  const merges = stringList(metadata['tokenizer.ggml.merges']);
  if (!merges) throw bad(phrase`it has no list of merges`);

  const vocab: Record<string, number> = Object.create(null) as Record<string, number>;
  const added: Record<string, unknown>[] = [];
  for (const [id, content] of tokens.entries()) {
    const type = (types as unknown[] | undefined)?.[id] ?? tokenTypes.normal;
    if (!knownTypes.has(type)) throw bad(phrase`token ${id} has the type ${describeValue(type)}`);
    if (type === tokenTypes.control || type === tokenTypes.userDefined)
      added.push({
        id,
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: type === tokenTypes.control,
      });
    else if (type !== tokenTypes.unused && type !== tokenTypes.unknown) {
      if (content in vocab)
        throw bad(phrase`the token ${quoted(content)} stands twice, as ${vocab[content] ?? ''} and ${id}`);
      vocab[content] = id;
    }
  }
  const pairs = merges.map((merge, rank) => {
    const space = merge.indexOf(' ', 1);
    const left = merge.slice(0, space);
    const right = merge.slice(space + 1);
    if (space < 1 || right === '')
      throw bad(phrase`merge ${rank}, ${quoted(merge)}, is not a pair of tokens`);
    return [left, right];
  });
  const eos = tokenId('tokenizer.ggml.eos_token_id');
  tokenId('tokenizer.ggml.padding_token_id');
  const template = metadata['tokenizer.chat_template'];
  return {
    tokenizerJson: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: added,
      normalizer: { type: 'NFC' },
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false },
          { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
        ],
      },
      post_processor: null,
      decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: false,
        vocab,
        merges: pairs,
      },
    },
    ...(typeof template === 'string' ? { chatTemplate: template } : {}),
    eosTokenIds: eos === undefined ? [] : [eos],
  };

  function tokenId(key: string): number | undefined {
    const id = metadata[key];
    if (id === undefined) return undefined;
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= (tokens as string[]).length)
      throw bad(phrase`${key} is ${describeValue(id)}, but there are ${(tokens as string[]).length} tokens`);
    return id;
  }
}

function stringList(value: unknown): string[] | undefined {
  return Array.isArray(value) && value.every(item => typeof item === 'string') ? value : undefined;
}
