// Models that are loaded all the way: weights with other values, settings with others that may fit, shapes made up.
import { readFileSync } from 'node:fs';
import fc, { type Arbitrary } from 'fast-check';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { modelMetadata } from '../../bench/model_metadata.ts';
import { planTensors } from '../../bench/model_tensors.ts';
import { ggufBytes, ggufHead, ggufInput, type GgufInput } from '../../support/gguf_writer.ts';
import type { FuzzCase, Kind } from '../case.ts';
import { ggufSeed } from '../seeds.ts';

const path = 'model.gguf';
const model = (bytes: Uint8Array, length?: number): FuzzCase => ({
  path,
  files: { [path]: length === undefined ? { bytes } : { bytes, length } },
});

export async function loadingKinds(): Promise<Record<string, Kind>> {
  const files = ['gguf_next', 'gguf_35moe', 'gguf_legacy'].map(
    name => `test/golden/fixtures/${name}/model.gguf`,
  );
  const weights = await Promise.all(files.map(weightCases));
  const settings = await Promise.all(files.slice(0, 2).map(settingCases));
  return {
    'loading weights': { share: 45, cases: fc.oneof(...weights) },
    'loading settings': { share: 20, cases: fc.oneof(...settings) },
    'loading shapes': { share: 10, cases: shapeCases },
  };
}

/** Half and single floats that are no numbers, without end, the largest and the smallest. */
export const patterns: readonly number[][] = [
  [0],
  [255],
  [0x00, 0x7e],
  [0x00, 0x7c],
  [0x00, 0xfc],
  [0xff, 0x7b],
  [0x01, 0x00],
  ...[
    [0, 0, 0xc0, 0x7f],
    [0, 0, 0x80, 0x7f],
    [0, 0, 0x80, 0xff],
    [0xff, 0xff, 0x7f, 0x7f],
    [1, 0, 0, 0],
  ],
];

async function weightCases(file: string): Promise<Kind['cases']> {
  const bytes = new Uint8Array(readFileSync(file));
  const { head, input } = await ggufSeed(file);
  const dataStart = Math.ceil(head.byteLength / 32) * 32;
  const starts = input.tensors.map(({ offset = 0 }) => dataStart + offset);
  const pattern = fc.oneof(
    fc.constantFrom(...patterns),
    fc.uint8Array({ minLength: 1, maxLength: 64 }).map(random => [...random]),
  );
  const change = fc.record({
    start: fc.constantFrom(...starts),
    // A block's scale, somewhere in the first rows.
    block: fc.nat(8),
    blockBytes: fc.constantFrom(2, 4, 18, 34, 144, 210),
    pattern,
    length: fc.constantFrom(2, 4, 64, 2048),
  });
  return fc.array(change, { minLength: 1, maxLength: 3 }).map(changes => {
    const out = bytes.slice();
    for (const one of changes) {
      const from = one.start + one.block * one.blockBytes;
      for (let i = 0; i < one.length && from + i < out.byteLength; i++)
        out[from + i] = one.pattern[i % one.pattern.length] as number;
    }
    return model(out);
  });
}

async function settingCases(file: string): Promise<Kind['cases']> {
  const source = await openCheckpoint(file);
  const input = await ggufInput(source);
  await source.close();
  const architecture = String(input.metadata['general.architecture']);
  const float = (value: number) => ({ type: 'f32', value });
  const values: Record<string, unknown[]> = {
    context_length: [1, 2, 3, 7, 8, 9, 10, 1 << 28],
    'rope.freq_base': [1.0001, 1e12, 10].map(float),
    'rope.dimension_count': [2, 4, 6, 30, 32],
    'attention.layer_norm_rms_epsilon': [1e-38, 1].map(float),
    'attention.head_count': [1, 2, 8],
    'attention.head_count_kv': [1, 4],
    expert_used_count: [1, 3, 7, 8],
    full_attention_interval: [1, 2, 4, 5],
    block_count: [1, 4, 6],
    nextn_predict_layers: [0, 1, 2],
    'ssm.conv_kernel': [2, 3, 5, 16],
    'ssm.group_count': [1, 4],
    'rope.scaling.type': ['yarn'],
    'rope.scaling.factor': [0.001, 1, 4, 1e6].map(float),
    'rope.scaling.original_context_length': [1, 5, 4096],
    'rope.scaling.attn_factor': [1e-6, 1e6].map(float),
    'rope.scaling.yarn_beta_fast': [1e-6, 1e6].map(float),
  };
  const one = (key: string) =>
    fc.constantFrom(...(values[key] as unknown[])).map(value => [`${architecture}.${key}`, value] as const);
  const any = fc.constantFrom(...Object.keys(values)).chain(one);
  const yarn = fc.tuple(one('rope.scaling.type'), one('rope.scaling.factor'), any);
  const written = (settings: readonly (readonly [string, unknown])[]): GgufInput => ({
    ...input,
    metadata: { ...input.metadata, ...Object.fromEntries(settings) },
  });
  return fc
    .oneof(fc.array(any, { minLength: 1, maxLength: 2 }), yarn)
    .map(settings => model(ggufBytes(written(settings))));
}

/** Weights of zeros in any shape that a configuration allows; few, since each takes kernels of its own. */
const shapeCases: Arbitrary<FuzzCase> = fc
  .record({
    hidden: fc.constantFrom(16, 32, 48, 96),
    layers: fc.constantFrom(1, 2),
    attentionInterval: fc.constantFrom(1, 2),
    headsPerKv: fc.integer({ min: 1, max: 5 }),
    kvHeads: fc.integer({ min: 1, max: 3 }),
    headDim: fc.constantFrom(8, 16, 24, 32, 40, 80, 128, 256, 512),
    linearKeyHeads: fc.integer({ min: 1, max: 3 }),
    headsPerKey: fc.integer({ min: 1, max: 3 }),
    linearDim: fc.constantFrom(4, 8, 16, 20, 48, 128, 256),
    experts: fc.integer({ min: 1, max: 9 }),
    expertsPerToken: fc.integer({ min: 1, max: 9 }),
    expertFf: fc.constantFrom(16, 32, 48),
    sharedFf: fc.constantFrom(16, 32, 80),
    vocabulary: fc.constantFrom(1, 2, 3, 16, 17, 100),
    contextTokens: fc.constantFrom(1, 2, 9, 300),
    type: fc.constantFrom('F32', 'F16', 'Q8_0', 'Q4_0'),
  })
  .map(({ type, headsPerKv, headsPerKey, ...rest }) => {
    const heads = headsPerKv * rest.kvHeads;
    const shape = { ...rest, heads, linearValueHeads: headsPerKey * rest.linearKeyHeads };
    const tensors = planTensors(shape, type);
    const { bytes, positions } = ggufHead({ metadata: modelMetadata('made up', shape, type), tensors });
    return model(bytes, (positions.at(-1) ?? 0) + 1_000_000);
  });
