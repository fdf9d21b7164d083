import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCheckpoint } from '../../engine/checkpoint/open_checkpoint.ts';
import { byteLength } from '../../engine/checkpoint/quant.ts';
import { readModelConfig } from '../../engine/model/config/config.ts';
import { createTokenizer } from '../../engine/tokenizer/tokenizer.ts';
import { decodeBlocks } from '../reference/weight_formats.ts';
import { temporaryDirectory } from '../support/temporary_directory.ts';
import { makeModel } from './make_model.ts';
import { linearElementsPerToken, modelShapes, type ModelShape } from './model_shapes.ts';
import { matrixTypes, planTensors } from './model_tensors.ts';
import { toHalf } from './random_blocks.ts';

const tiny: ModelShape = {
  ...modelShapes.small,
  hidden: 256,
  layers: 4,
  vocabulary: 512,
  experts: 4,
  expertsPerToken: 2,
};
const directory = temporaryDirectory();

async function made(shape: ModelShape, type: (typeof matrixTypes)[number]) {
  const path = join(directory, `${type}-${shape.attentionInterval}.gguf`);
  const facts = await makeModel({ name: 'test', shape, type, path });
  return { path, facts, checkpoint: await openCheckpoint(path) };
}

test.each(matrixTypes)('a %s model reads back with the sizes and tensors it was made with', async type => {
  const { path, facts, checkpoint } = await made(tiny, type);
  const config = readModelConfig(checkpoint);
  expect(config).toMatchObject({
    architecture: 'qwen3_next',
    hiddenSize: 256,
    layerKinds: ['linear', 'linear', 'linear', 'full'],
    headCount: 8,
    kvHeadCount: 2,
    headDim: 128,
    rotaryDim: 32,
    linearKeyHeads: 4,
    linearValueHeads: 8,
    linearKeyDim: 128,
    linearValueDim: 128,
    expertCount: 4,
    expertsPerToken: 2,
    expertFf: 128,
    sharedExpertFf: 128,
    vocabularySize: 512,
    tied: false,
    contextTokens: 32768,
  });
  for (const plan of planTensors(tiny, type))
    expect(checkpoint.tensors.get(plan.name)).toEqual({
      name: plan.name,
      type: plan.type,
      shape: plan.shape,
      byteLength: byteLength(plan.type, plan.shape),
    });
  expect((await stat(path)).size).toBe(facts.bytes);
  await checkpoint.close();
});

test('a model of attention layers only is one by its schedule', async () => {
  const { checkpoint } = await made({ ...tiny, attentionInterval: 1 }, 'Q8_0');
  expect(readModelConfig(checkpoint).layerKinds).toEqual(['full', 'full', 'full', 'full']);
  await checkpoint.close();
});

test.each(matrixTypes)('the weights of a %s model have the deviation that was asked for', async type => {
  const { checkpoint } = await made(tiny, type);
  for (const plan of planTensors(tiny, type)) {
    const entry = checkpoint.tensors.get(plan.name);
    const bytes = new Uint8Array(entry?.byteLength ?? 0);
    if (!entry || plan.draw.kind !== 'normal' || !plan.name.startsWith('blk.0.ffn_down_exps')) continue;
    await checkpoint.read(entry, 0, bytes);
    const values = decodeBlocks(entry.type, bytes);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    expect(Math.abs(mean) / deviation).toBeLessThan(0.15);
    expect(deviation / plan.draw.deviation).toBeGreaterThan(type === 'F16' ? 0.7 : 0.98);
    expect(deviation / plan.draw.deviation).toBeLessThan(type === 'F16' ? 1.42 : 1.02);
  }
  await checkpoint.close();
});

test('the vocabulary holds bytes, pairs in the order of their merges and the end of text', async () => {
  const { checkpoint } = await made(tiny, 'Q8_0');
  const tokenizer = createTokenizer('test', (await checkpoint.tokenizer())!);
  tokenizer.checkFits(512);
  const text = '!! "§ ü';
  const ids = tokenizer.encode(text, { special: false });
  expect(ids.length).toBeLessThan(Buffer.byteLength(text));
  expect(Buffer.concat(ids.map(id => tokenizer.decodeBytes(id))).toString()).toBe(text);
  expect(tokenizer.eosIds).toEqual([511]);
  await checkpoint.close();
});

test('the same seed gives the same file', async () => {
  const paths = ['a', 'b'].map(name => join(directory, `${name}.gguf`));
  for (const path of paths) await makeModel({ name: 'test', shape: tiny, type: 'Q4_0', path });
  const [a, b] = await Promise.all(paths.map(path => readFile(path)));
  expect(a?.equals(b!)).toBe(true);
});

test('halves are rounded to the nearest', () => {
  expect(toHalf(1)).toBe(0x3c00);
  expect(toHalf(0.5)).toBe(0x3800);
  expect(toHalf(1.9999)).toBe(0x4000);
  expect(toHalf(1 + 1 / 1024)).toBe(0x3c01);
});

test('the two models of the growth comparison do the same linear work and differ 10.7 times in attention', () => {
  const { hybrid, attention } = modelShapes;
  expect(linearElementsPerToken(attention) / linearElementsPerToken(hybrid)).toBeCloseTo(1, 2);
  const lanes = (s: ModelShape) => Math.floor(s.layers / s.attentionInterval) * s.heads * s.headDim;
  expect(lanes(attention) / lanes(hybrid)).toBeCloseTo(10.67, 2);
});
