// Model directories that are loaded all the way: weights, scales of FP8 and settings with other values.
import { readFileSync } from 'node:fs';
import fc, { type Arbitrary } from 'fast-check';
import { fp8Model } from '../../support/fp8_model.ts';
import { safetensorsBytes } from '../../support/safetensors_writer.ts';
import { textFile, type FuzzCase, type Kind } from '../case.ts';
import { patterns } from './loading.ts';

interface Model {
  config: Record<string, unknown>;
  bytes: Uint8Array;
  /** Where the data of each tensor begins, those that change most listed again. */
  starts: readonly number[];
}

export async function huggingFaceLoadingKinds(): Promise<Record<string, Kind>> {
  const plain = ['qwen35_moe', 'tied_nonorm'].map(fixtureModel);
  const fp8 = await fp8Files();
  return {
    'loading safetensors': {
      share: 15,
      cases: fc.oneof(...plain.map(weightCases), ...plain.map(settingCases)),
    },
    'loading FP8': {
      share: 10,
      cases: fc.oneof({ weight: 2, arbitrary: weightCases(fp8) }, blockCases(fp8)),
    },
  };
}

function fixtureModel(name: string): Model {
  const folder = `test/golden/fixtures/${name}`;
  const bytes = new Uint8Array(readFileSync(`${folder}/model.safetensors`));
  const config = JSON.parse(readFileSync(`${folder}/config.json`, 'utf8')) as Record<string, unknown>;
  return { config, bytes, starts: startsOf(bytes).map(({ start }) => start) };
}

async function fp8Files(): Promise<Model> {
  const { config, tensors } = await fp8Model({ scaleType: 'BF16', stacked: true });
  const bytes = safetensorsBytes(tensors);
  const entries = startsOf(bytes);
  const scales = entries.filter(({ name }) => name.endsWith('_scale_inv'));
  return { config, bytes, starts: [...entries, ...scales, ...scales].map(({ start }) => start) };
}

function startsOf(bytes: Uint8Array): { name: string; start: number }[] {
  const data = 8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, data))) as Record<
    string,
    { data_offsets?: [number, number] }
  >;
  return Object.entries(header).flatMap(([name, { data_offsets: offsets }]) =>
    offsets ? [{ name, start: data + offsets[0] }] : [],
  );
}

function files(config: Record<string, unknown>, bytes: Uint8Array): FuzzCase {
  return {
    path: '.',
    files: { 'config.json': textFile(JSON.stringify(config)), 'model.safetensors': { bytes } },
  };
}

/** A few of the first values of up to three tensors. */
function weightCases({ config, bytes, starts }: Model): Arbitrary<FuzzCase> {
  const pattern = fc.oneof(
    fc.constantFrom(...patterns, [0xc0, 0x7f], [0x80, 0x7f], [0x80, 0xff], [0x7f, 0x7f], [0x7f]),
    fc.uint8Array({ minLength: 1, maxLength: 64 }).map(random => [...random]),
  );
  const change = fc.record({
    start: fc.constantFrom(...starts),
    skipped: fc.nat(30).map(n => 2 * n),
    pattern,
    length: fc.constantFrom(2, 4, 64, 2048),
  });
  return fc.array(change, { minLength: 1, maxLength: 3 }).map(changes => {
    const out = bytes.slice();
    for (const one of changes) {
      const from = one.start + one.skipped;
      for (let i = 0; i < one.length && from + i < out.byteLength; i++)
        out[from + i] = one.pattern[i % one.pattern.length] as number;
    }
    return files(config, out);
  });
}

const settings: Record<string, readonly unknown[]> = {
  max_position_embeddings: [1, 2, 9, 300, 1 << 28],
  rope_theta: [1.0001, 10, 1e12],
  partial_rotary_factor: [0.0625, 0.5, 1],
  rms_norm_eps: [1e-38, 1],
  num_attention_heads: [1, 2, 8],
  num_key_value_heads: [1, 4],
  num_experts_per_tok: [1, 3, 8],
  full_attention_interval: [1, 2, 4],
  norm_topk_prob: [true, false],
  linear_conv_kernel_dim: [2, 3, 5],
  rope_scaling: [
    { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 64 },
    { rope_type: 'yarn', factor: 1e6, original_max_position_embeddings: 1 },
  ],
  layer_types: [['linear_attention'], ['full_attention', 'linear_attention']],
};

/** One or two settings that may fit the weights all the same. */
function settingCases({ config, bytes }: Model): Arbitrary<FuzzCase> {
  const nested = config['text_config'] as Record<string, unknown> | undefined;
  const one = fc
    .constantFrom(...Object.keys(settings))
    .chain(key => fc.constantFrom(...(settings[key] as unknown[])).map(value => [key, value] as const));
  return fc.array(one, { minLength: 1, maxLength: 2 }).map(changes => {
    const changed = { ...(nested ?? config), ...Object.fromEntries(changes) };
    return files(nested ? { ...config, text_config: changed } : changed, bytes);
  });
}

/** Blocks of other sizes than the scales are for, and of the right one. */
function blockCases({ config, bytes }: Model): Arbitrary<FuzzCase> {
  const size = fc.constantFrom(1, 64, 127, 128, 160, 256, 1024);
  const block = fc.oneof(fc.constant([128, 128]), fc.tuple(size, size));
  return block.map(weight_block_size =>
    files({ ...config, quantization_config: { quant_method: 'fp8', weight_block_size } }, bytes),
  );
}
