// GGUF files as people have them: Ollama's own, mixes with types of few bits, MTP blocks that were cut off, added or kept in a file of
// their own. Each is a fixture changed in the way such a file differs, and gives what the fixture gives.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Checkpoint } from '../../../engine/checkpoint/checkpoint.ts';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { runOnce } from '../../../engine/gpu/dispatch.ts';
import { embedRows } from '../../../engine/kernels/embed_rows.ts';
import type { WeightFormat } from '../../../engine/kernels/weight_matrix.ts';
import { readModelConfig } from '../../../engine/model/config/config.ts';
import { loadModel } from '../../../engine/model/load.ts';
import { Uploader } from '../../../engine/model/weights/upload.ts';
import { blockSize, decodeBlocks } from '../../reference/weight_formats.ts';
import { isFullRun } from '../../support/full.ts';
import { fixturePath } from '../../support/golden.ts';
import { ggufBytes, ggufInput, type GgufInput, type GgufTensorInput } from '../../support/gguf_writer.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';
import { Random } from '../../support/random.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';
import { randomBlocks } from '../../support/weights.ts';

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openGpu();
});
afterAll(() => gpu.dispose());

/** The contents of a fixture's file. */
async function fixture(name: string): Promise<GgufInput> {
  const source = await openCheckpoint(fixturePath(name, 'model.gguf'));
  const input = await ggufInput(source);
  await source.close();
  return input;
}

/** A folder with these files. */
function folderOf(files: Record<string, GgufInput>): string {
  const folder = temporaryDirectory();
  mkdirSync(folder, { recursive: true });
  for (const [name, input] of Object.entries(files)) writeFileSync(join(folder, name), ggufBytes(input));
  return folder;
}

async function opened<T>(path: string, use: (checkpoint: Checkpoint) => T | Promise<T>): Promise<T> {
  const checkpoint = await openCheckpoint(path);
  try {
    return await use(checkpoint);
  } finally {
    await checkpoint.close();
  }
}

/** Logits of some tokens read one by one, which needs few kernels. */
async function logitsOf(path: string): Promise<number[]> {
  return opened(path, async checkpoint => {
    const model = await loadModel(gpu, checkpoint, { kvFormat: 'f32' });
    const sequence = await model.createSequence();
    const logits: number[] = [];
    for (const id of [3, 40, 77, 114, 23, 60]) logits.push(...(await model.forward(sequence, [id], 'last')));
    sequence.dispose();
    model.dispose();
    return logits;
  });
}

const renamed = (input: GgufInput, from: RegExp, to: string) => {
  for (const tensor of input.tensors) tensor.name = tensor.name.replace(from, to);
};

describe('a blob of Ollama', () => {
  test('is a model like any other, and pictures and its own MTP tensors are left aside', async () => {
    const input = await fixture('gguf_35moe');
    renamed(input, /ssm_dt\.bias$/, 'ssm_dt');
    const { metadata } = input;
    const kvHeads = metadata['qwen35moe.attention.head_count_kv'] as number;
    metadata['qwen35moe.attention.head_count_kv'] = [0, 0, 0, kvHeads];
    metadata['qwen35moe.rope.dimension_sections'] = [11, 11, 10];
    metadata['qwen35moe.ssm.v_head_reordered'] = true;
    delete metadata['qwen35moe.full_attention_interval'];
    delete metadata['tokenizer.chat_template'];
    for (const name of ['v.patch_embd.weight', 'mtp.fc.weight'])
      input.tensors.push({ name, type: 'F32', shape: [1] });
    const blobs = folderOf({ 'sha256-00': input });
    const [got, want] = [
      await logitsOf(join(blobs, 'sha256-00')),
      await logitsOf(fixturePath('gguf_35moe', 'model.gguf')),
    ];
    expect(Math.max(...want.map(Math.abs))).toBeGreaterThan(1);
    expect(got).toEqual(want);
  });

  test('of Qwen3-Next calls itself qwen35moe, but its value heads are not tiled', async () => {
    const input = await fixture('gguf_next');
    renamed(input, /ssm_dt\.bias$/, 'ssm_dt');
    input.metadata = Object.fromEntries(
      Object.entries(input.metadata).map(([key, value]) => [
        key.replace(/^qwen3next\./, 'qwen35moe.'),
        value,
      ]),
    );
    input.metadata['general.architecture'] = 'qwen35moe';
    const orderOf = (folder: string) =>
      opened(join(folder, 'sha256-00'), checkpoint => readModelConfig(checkpoint).valueHeadOrder);
    expect(await orderOf(folderOf({ 'sha256-00': input }))).toBe('grouped');
    input.metadata['qwen35moe.ssm.v_head_reordered'] = true;
    expect(await orderOf(folderOf({ 'sha256-00': input }))).toBe('tiled');
    delete input.metadata['qwen35moe.ssm.v_head_reordered'];
    expect(await logitsOf(join(folderOf({ 'sha256-00': input }), 'sha256-00'))).toEqual(
      await logitsOf(fixturePath('gguf_next', 'model.gguf')),
    );
  });
});

describe('types of few bits', () => {
  /** Puts random blocks in a tensor's place, or the same values as F32. Scales are as exact as floats. */
  function restored(
    input: GgufInput,
    plain: GgufInput,
    name: string,
    format: Exclude<WeightFormat, 'F8_E4M3'>,
    scales?: number[],
  ): void {
    const find = ({ tensors }: GgufInput) => tensors.find(tensor => tensor.name === name) as GgufTensorInput;
    const { shape } = find(input);
    const count = shape.reduce((a, b) => a * b, 1);
    const data = randomBlocks(format, count / blockSize(format).elements, new Random(name.length));
    Object.assign(find(input), { type: format, data });
    const values = decodeBlocks(format, data);
    if (scales) {
      const bytes = new Uint8Array(Float32Array.from(scales).buffer);
      input.tensors.push({
        name: name.replace(/weight$/, 'scale'),
        type: 'F32',
        shape: [scales.length],
        data: bytes,
      });
    }
    const each = count / (scales?.length ?? 1);
    const scaled = Float32Array.from(values, (value, i) => value * (scales?.[Math.floor(i / each)] ?? 1));
    Object.assign(find(plain), { type: 'F32', data: new Uint8Array(scaled.buffer) });
  }

  // Every day the kernels of one type and the way onto the device are tested by themselves.
  if (isFullRun)
    test('in experts, with scales of their own, give the logits of their values in F32', async () => {
      const [input, plain] = [await fixture('gguf_q4km'), await fixture('gguf_q4km')];
      restored(input, plain, 'blk.0.ffn_gate_exps.weight', 'IQ2_XXS');
      restored(input, plain, 'blk.0.ffn_up_exps.weight', 'IQ2_XXS');
      restored(input, plain, 'blk.0.ffn_down_exps.weight', 'IQ3_S');
      for (const name of ['gate', 'up'])
        restored(input, plain, `blk.1.ffn_${name}_exps.weight`, 'NVFP4', [1, 0.75, 0.5, 1.5]);
      const folder = folderOf({ 'few.gguf': input, 'plain.gguf': plain });
      const [got, want] = [
        await logitsOf(join(folder, 'few.gguf')),
        await logitsOf(join(folder, 'plain.gguf')),
      ];
      const largest = Math.max(...want.map(Math.abs));
      expect(largest).toBeGreaterThan(0.5);
      const errors = want.map((value, i) => Math.abs(value - (got[i] as number)));
      expect(Math.max(...errors) / largest).toBeLessThanOrEqual(1e-4);
    });

  test.each<[WeightFormat & GgufTensorInput['type'], number[] | undefined]>([
    ['NVFP4', [0.75, 1.5, 0.5]],
    ['NVFP4', undefined],
    ['IQ2_XS', undefined],
  ])(
    '%s, with the scales %j, come onto the device in the order of the rows that are wanted',
    async (format, scales) => {
      const [matrices, rows, columns] = [3, 4, 256];
      const data = randomBlocks(
        format,
        (matrices * rows * columns) / blockSize(format).elements,
        new Random(1),
      );
      const tensors: GgufTensorInput[] = [
        { name: 'w.weight', type: format, shape: [matrices, rows, columns], data },
      ];
      if (scales) {
        const bytes = new Uint8Array(Float32Array.from(scales).buffer);
        tensors.push({ name: 'w.scale', type: 'F32', shape: [matrices], data: bytes });
      }
      const order = [9, 10, 0, 1, 2, 5];
      const got = await opened(
        join(folderOf({ 'w.gguf': { metadata: {}, tensors } }), 'w.gguf'),
        async checkpoint => {
          const tensor = checkpoint.tensors.get('w.weight')!;
          const pieces: [number, number][] = [
            [9, 2],
            [0, 3],
            [5, 1],
          ];
          const uploader = new Uploader(gpu, checkpoint);
          const w = uploader.matrix('w', { rows: order.length, columns, sources: [{ tensor, pieces }] });
          await uploader.run();
          const ids = gpu.buffers.from('ids', [order.length], Uint32Array.from(order.keys()));
          const y = gpu.buffers.create('y', [order.length * columns], 'f32');
          await runOnce(gpu, list => embedRows(list, w, ids, y, order.length));
          const values = await gpu.readback.floats(y);
          for (const one of [ids, y, w]) one.dispose();
          return [...values];
        },
      );
      const all = decodeBlocks(format, data);
      const want = order.flatMap(row =>
        [...all.subarray(row * columns, (row + 1) * columns)].map(
          value => value * (scales?.[Math.floor(row / rows)] ?? 1),
        ),
      );
      expect(got.map(value => value + 0)).toEqual(want.map(value => value + 0));
    },
  );

  test.each<[string, (input: GgufInput) => void, RegExp]>([
    [
      'beside another type',
      input => void input.tensors.push({ name: 'blk.0.ssm_out.scale', type: 'F32', shape: [1] }),
      /"blk.0.ssm_out.weight" is stored as .* with the scale "blk.0.ssm_out.scale"/,
    ],
    [
      'that are too few',
      input => {
        const tensor = input.tensors.find(({ name }) => name === 'blk.0.ffn_gate_exps.weight');
        if (tensor) Object.assign(tensor, { type: 'NVFP4', data: undefined });
        input.tensors.push({ name: 'blk.0.ffn_gate_exps.weight.scale', type: 'F32', shape: [3] });
      },
      /"blk.0.ffn_gate_exps.weight.scale" has the shape \[3\], not \[4\]/,
    ],
  ])('scales %s are refused by name', async (_, change, why) => {
    const input = await fixture('gguf_q4km');
    change(input);
    const error = await hearthErrorOf(() =>
      opened(join(folderOf({ 'model.gguf': input }), 'model.gguf'), () => undefined),
    );
    expect(error.code).toBe('badCheckpoint');
    expect(error.message).toMatch(why);
  });
});

describe('the MTP block', () => {
  const layers = 4;
  const isMtp = ({ name }: GgufTensorInput) => name.startsWith(`blk.${layers}.`);
  const trunk = (input: GgufInput) => ({ ...input, tensors: input.tensors.filter(one => !isMtp(one)) });
  const counted = (input: GgufInput, blocks: number, mtp?: number): GgufInput => {
    const { 'qwen35moe.nextn_predict_layers': _, ...metadata } = input.metadata;
    metadata['qwen35moe.block_count'] = blocks;
    if (mtp !== undefined) metadata['qwen35moe.nextn_predict_layers'] = mtp;
    return { ...input, metadata };
  };
  const countsOf = (input: GgufInput) =>
    opened(join(folderOf({ 'model.gguf': input }), 'model.gguf'), checkpoint => {
      const { layerCount, layerKinds, mtpLayers } = readModelConfig(checkpoint);
      expect(layerKinds).toHaveLength(layerCount);
      return { layerCount, mtpLayers };
    });

  test.each<[string, number, number | undefined]>([
    ['is counted', layers + 1, 1],
    ['is not counted as a block', layers, 1],
    ['is not named', layers + 1, undefined],
    ['is neither counted nor named', layers, undefined],
  ])('that %s is found by its tensors', async (_, blocks, mtp) => {
    expect(await countsOf(counted(await fixture('gguf_35moe'), blocks, mtp))).toEqual({
      layerCount: layers,
      mtpLayers: 1,
    });
  });

  test.each<[string, number, number | undefined]>([
    ['still counted', layers + 1, 1],
    ['still named', layers, 1],
    ['not counted', layers, undefined],
  ])('that was cut off and is %s costs no layer', async (_, blocks, mtp) => {
    expect(await countsOf(counted(trunk(await fixture('gguf_35moe')), blocks, mtp))).toEqual({
      layerCount: layers,
      mtpLayers: 0,
    });
  });

  test('in a place that the counts do not explain is refused', async () => {
    const error = await hearthErrorOf(async () => countsOf(counted(await fixture('gguf_35moe'), 8, 1)));
    expect(error.message).toContain('8 blocks, 1 of them to predict several tokens');
  });

  test('in a file of its own belongs to the model beside it, of any storage type', async () => {
    const whole = await fixture('gguf_35moe');
    const alone = {
      ...whole,
      tensors: whole.tensors.filter(one => isMtp(one) || one.name === 'token_embd.weight'),
    };
    const files = {
      'Some-2B-UD-Q4_K_XL.gguf': counted(trunk(whole), layers),
      'Other-2B-Q8_0.gguf': counted(trunk(whole), layers),
      'mtp-Some-2B-Q8_0.gguf': alone,
    };
    const folder = folderOf(files);
    await opened(join(folder, 'Some-2B-UD-Q4_K_XL.gguf'), async checkpoint => {
      expect(readModelConfig(checkpoint)).toMatchObject({ layerCount: layers, mtpLayers: 1 });
      for (const { name, data } of whole.tensors) {
        const entry = checkpoint.tensors.get(name)!;
        const read = new Uint8Array(entry.byteLength);
        await checkpoint.read(entry, 0, read);
        expect(read, name).toEqual(data);
      }
    });
    await opened(join(folder, 'Other-2B-Q8_0.gguf'), checkpoint => {
      expect(readModelConfig(checkpoint).mtpLayers).toBe(0);
    });
    const error = await hearthErrorOf(() =>
      opened(join(folder, 'mtp-Some-2B-Q8_0.gguf'), checkpoint => readModelConfig(checkpoint)),
    );
    expect(error.message).toContain('only the block that predicts several tokens');
  });

  test('of a model of another width is not taken', async () => {
    const whole = await fixture('gguf_35moe');
    const wide = { ...whole, metadata: { ...whole.metadata, 'qwen35moe.embedding_length': 128 } };
    const folder = folderOf({ 'A-Q8_0.gguf': counted(trunk(whole), layers), 'mtp-A.gguf': wide });
    await opened(join(folder, 'A-Q8_0.gguf'), checkpoint => {
      expect(readModelConfig(checkpoint).mtpLayers).toBe(0);
    });
  });
});
