// An FP8 checkpoint as they are published (docs/MODEL.md 2.6): E4M3 codes with a scale for each block of 128 × 128, beside the same values
// in F32. Made of the fixture `realdims`, with experts whose sizes leave blocks unfilled.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCheckpoint } from '../../engine/checkpoint/open_checkpoint.ts';
import { decodeBlocks, e4m3ToNumber } from '../reference/weight_formats.ts';
import { Random } from './random.ts';
import { safetensorsBytes, writeModelDirectory, type SafetensorsTensorInput } from './safetensors_writer.ts';

/** From the project's root, since bundled children make such models too. */
const fixture = 'test/golden/fixtures/realdims';
const block = 128;
/** Neither fills its blocks: 80 rows of an expert, 160 in a stack of gate and up, 208 of the shared one. */
const expertFf = 80;
const sharedFf = 208;

export interface Fp8Options {
  scaleType: 'BF16' | 'F32';
  /** Experts in one tensor of three dimensions, or each in tensors of its own. */
  stacked: boolean;
  /** Changes the files before they are written. */
  change?: (model: { config: Record<string, unknown>; tensors: SafetensorsTensorInput[] }) => void;
}

interface Values {
  name: string;
  shape: number[];
  values: Float32Array<ArrayBuffer>;
}

/** Writes both models; their directories. */
export async function writeFp8Models(
  directory: string,
  { change, ...options }: Fp8Options,
): Promise<{ fp8: string; plain: string }> {
  const { plain } = await tensorsOf(options.scaleType, options.stacked);
  const model = await fp8Model(options);
  change?.(model);
  const write = (name: string, config: object, tensors: SafetensorsTensorInput[]) =>
    writeModelDirectory(join(directory, name), {
      'config.json': config,
      'model.safetensors': safetensorsBytes(tensors),
    });
  return {
    fp8: await write('fp8', model.config, model.tensors),
    plain: await write('plain', configuration(), plain),
  };
}

/** What is in the files of the FP8 model, to be changed. */
export async function fp8Model({ scaleType, stacked }: Omit<Fp8Options, 'change'>): Promise<{
  config: Record<string, unknown>;
  tensors: SafetensorsTensorInput[];
}> {
  const { fp8 } = await tensorsOf(scaleType, stacked);
  const quantization_config = { quant_method: 'fp8', fmt: 'e4m3', weight_block_size: [block, block] };
  return {
    config: { ...configuration(), quantization_config },
    tensors: fp8.map(({ data, ...tensor }) => ({ ...tensor, data: data!.slice() })),
  };
}

function configuration(): Record<string, unknown> {
  return {
    ...(JSON.parse(readFileSync(`${fixture}/config.json`, 'utf8')) as Record<string, unknown>),
    moe_intermediate_size: expertFf,
    shared_expert_intermediate_size: sharedFf,
  };
}

type Tensors = Record<'fp8' | 'plain', SafetensorsTensorInput[]>;
const known = new Map<string, Promise<Tensors>>();

function tensorsOf(scaleType: 'BF16' | 'F32', stacked: boolean): Promise<Tensors> {
  const key = `${scaleType} ${stacked}`;
  const found = known.get(key) ?? makeTensors(scaleType, stacked);
  known.set(key, found);
  return found;
}

async function makeTensors(scaleType: 'BF16' | 'F32', stacked: boolean): Promise<Tensors> {
  const fp8: SafetensorsTensorInput[] = [];
  const plain: SafetensorsTensorInput[] = [];
  for (const tensor of await valuesOf(stacked)) {
    if (!isFp8(tensor)) {
      for (const to of [fp8, plain]) to.push(floats(tensor.name, tensor.shape, tensor.values));
      continue;
    }
    const { codes, scales, scaleShape, values } = quantized(tensor, scaleType);
    plain.push(floats(tensor.name, tensor.shape, values));
    fp8.push({ name: tensor.name, dtype: 'F8_E4M3', shape: tensor.shape, data: codes });
    const inverse = floats(`${tensor.name}_scale_inv`, scaleShape, scales);
    if (scaleType === 'F32') fp8.push(inverse);
    else {
      const halves = new Uint8Array(Uint16Array.from(upperHalves(scales)).buffer);
      fp8.push({ ...inverse, dtype: 'BF16', data: halves });
    }
  }
  return { fp8, plain };
}

/** As published checkpoints do it: products of layers, but no routers, gates, norms, embedding and head; rows of whole blocks. */
function isFp8({ name, shape }: Values): boolean {
  return /_proj(_qkvz)?(\.weight)?$/.test(name) && shape.at(-1)! % block === 0;
}

async function valuesOf(stacked: boolean): Promise<Values[]> {
  const source = await openCheckpoint(fixture);
  const random = new Random(8);
  const hidden = 128;
  const made: Values[] = [];
  const add = (name: string, shape: number[]) =>
    made.push({
      name,
      shape,
      values: Float32Array.from(random.normal(shape.reduce((a, b) => a * b)), v => v / 8),
    });
  for (const entry of source.tensors.values()) {
    if (/experts?\.(\d+\.)?(gate|up|down)_proj/.test(entry.name)) continue;
    const bytes = new Uint8Array(entry.byteLength);
    await source.read(entry, 0, bytes);
    const values = Float32Array.from(decodeBlocks(entry.type, bytes));
    made.push({ name: entry.name, shape: [...entry.shape], values });
  }
  await source.close();
  const experts = 8;
  for (let layer = 0; layer < 4; layer++) {
    const mlp = `model.layers.${layer}.mlp`;
    const dense = (p: string, width: number) => {
      add(`${p}.gate_proj.weight`, [width, hidden]);
      add(`${p}.up_proj.weight`, [width, hidden]);
      add(`${p}.down_proj.weight`, [hidden, width]);
    };
    dense(`${mlp}.shared_expert`, sharedFf);
    if (!stacked) for (let e = 0; e < experts; e++) dense(`${mlp}.experts.${e}`, expertFf);
    else {
      add(`${mlp}.experts.gate_up_proj`, [experts, 2 * expertFf, hidden]);
      add(`${mlp}.experts.down_proj`, [experts, hidden, expertFf]);
    }
  }
  return made;
}

/** Every block by a scale of its own, which takes its largest value to the largest code. */
function quantized({ shape, values }: Values, scaleType: 'BF16' | 'F32') {
  const [columns = 1, rows = 1, ...outer] = [...shape].reverse();
  const count = outer.reduce((a, b) => a * b, 1);
  const [blockRows, blockColumns] = [Math.ceil(rows / block), Math.ceil(columns / block)];
  const scales = new Float32Array(count * blockRows * blockColumns);
  const scaleAt = (i: number) => {
    const row = Math.floor(i / columns);
    const blockRow = Math.floor(row / rows) * blockRows + Math.floor((row % rows) / block);
    return blockRow * blockColumns + Math.floor((i % columns) / block);
  };
  for (const [i, value] of values.entries())
    scales[scaleAt(i)] = Math.max(scales[scaleAt(i)] as number, Math.abs(value) / largestCode);
  if (scaleType === 'BF16') scales.set(fromUpperHalves(upperHalves(scales)));
  const codes = Uint8Array.from(values, (value, i) => nearestCode(value / (scales[scaleAt(i)] as number)));
  return {
    codes,
    scales,
    scaleShape: [...outer.reverse(), blockRows, blockColumns],
    values: Float32Array.from(codes, (code, i) => e4m3ToNumber(code) * (scales[scaleAt(i)] as number)),
  };
}

const largestCode = e4m3ToNumber(126);

function nearestCode(value: number): number {
  const size = Math.abs(value);
  // Codes of one power of two are evenly spaced, and those below the smallest go on so.
  const power = Math.max(-6, Math.min(8, Math.floor(Math.log2(size))));
  const steps = Math.round(size / 2 ** (power - 3));
  return Math.min(126, (power + 6) * 8 + steps) | (value < 0 ? 128 : 0);
}

/** The upper halves of floats, rounded up so that no code overflows. */
function upperHalves(values: Float32Array<ArrayBuffer>): number[] {
  return Array.from(new Uint32Array(values.buffer), bits => (bits + 0xffff) >>> 16);
}
function fromUpperHalves(halves: readonly number[]): Float32Array {
  return new Float32Array(Uint32Array.from(halves, half => half << 16).buffer);
}

function floats(name: string, shape: number[], values: Float32Array<ArrayBuffer>): SafetensorsTensorInput {
  return { name, dtype: 'F32', shape, data: new Uint8Array(values.buffer) };
}
