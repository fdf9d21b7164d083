// Every kernel that multiplies by stored weights, run on matrices whose products are known: few rows as decoding runs them, batches as
// prompts are read, and experts of both.
import { noRing } from '../kernels/matvec.ts';
import type { Gpu } from '../gpu/device.ts';
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { addMatvec } from '../kernels/add_matvec.ts';
import { embedRows } from '../kernels/embed_rows.ts';
import { expertDown } from '../kernels/expert_down.ts';
import { expertGateUp } from '../kernels/expert_gate_up.ts';
import { gatedNormMatvec, squareBlock } from '../kernels/gated_norm_matvec.ts';
import { groupCount, rows } from '../kernels/launch.ts';
import { matmul } from '../kernels/matmul.ts';
import { launchCount, moeLists, tileCountMax, tilesExpected } from '../kernels/moe_lists.ts';
import { expertOutputGroups, expertTileRows, moeMatmul } from '../kernels/moe_matmul.ts';
import { gatherRows } from '../kernels/gather_rows.ts';
import { normMatvec } from '../kernels/norm_matvec.ts';
import type { WeightFormat } from '../kernels/weight_matrix.ts';
import { disposeDraftHead, emptyDraftHead } from '../model/weights/draft_head.ts';
import type { TunedPart } from '../tuning/candidates.ts';
import { activations, GeneratedMatrix, meanSquare } from './generated.ts';

/** What a matrix is used for, which says what kernels run on it. */
export type MatrixRole =
  | { kind: 'embedding' }
  /** Some rows of it are copied, for drafts to be chosen among. */
  | { kind: 'draft head' }
  /** Of normed rows. */
  | { kind: 'projection' }
  /** Added to the residual stream. */
  | { kind: 'output' }
  /** Of the gated norm of a DeltaNet layer's heads, added to the residual stream. */
  | { kind: 'delta output'; heads: number; dim: number; tileHeads: number }
  /** Gate and up rows of experts, or of a plain MLP, which is one expert to few rows. */
  | { kind: 'gate and up'; experts: boolean }
  | { kind: 'down'; experts: boolean };

/** One kernel on one matrix. */
export interface ProductCheck {
  kernel: string;
  format: WeightFormat;
  /** Which tuned part chooses the kernel's variant; undefined where it has no variants. */
  part: TunedPart | undefined;
  record(list: CommandList): void;
  /** Reads what the kernel wrote: the largest difference, as a share of the largest value. NaN for what is no number. */
  error(): Promise<number>;
}

/** Not whole tiles of any kernel. */
const outputs = 70;
const fewRows = 3;
/** One batch for each shape of tile. */
const batches = [12, 70];
/** The same of the tiles of experts, one of which is for many rows. */
const expertBatches = [12, 70, 100];
/** Experts of a generated stack, and how many each row goes to. */
const [expertCount, chosen] = [5, 2];
/** Outputs of an expert: less than a tile. */
const expertOutputs = 20;
/** All of a row's choice are experts of one stack. */
const oneStack = { slotStart: 0, slotCount: chosen, firstExpert: 0, expertCount };
const eps = 1e-6;

/** The checks of one matrix of a model; dispose() frees what they need. They are recorded one after another, then read. */
export class ProductChecks {
  readonly checks: ProductCheck[] = [];
  readonly #made: { dispose(): void }[] = [];

  private constructor(
    private readonly gpu: Gpu,
    private readonly format: WeightFormat,
    private readonly columns: number,
  ) {}

  /** `columns`: of the model's matrix. Throws outOfDeviceMemory. */
  static async create(
    gpu: Gpu,
    { role, format, columns }: { role: MatrixRole; format: WeightFormat; columns: number },
  ): Promise<ProductChecks> {
    const made = new ProductChecks(gpu, format, columns);
    try {
      await made.#add(role);
    } catch (error) {
      made.dispose();
      throw error;
    }
    return made;
  }

  dispose(): void {
    for (const one of this.#made.splice(0)) one.dispose();
  }

  async #add(role: MatrixRole): Promise<void> {
    switch (role.kind) {
      case 'embedding':
        return this.#embedding(await this.#matrix(outputs));
      case 'draft head':
        return this.#gathered(await this.#matrix(outputs));
      case 'projection': {
        const m = await this.#matrix(outputs);
        this.#normed(m);
        return this.#batches(m);
      }
      case 'output': {
        const m = await this.#matrix(outputs);
        this.#added(m);
        return this.#batches(m);
      }
      case 'delta output': {
        const m = await this.#matrix(outputs);
        this.#gatedNorm(m, role);
        return this.#batches(m);
      }
      case 'gate and up': {
        const m = await this.#matrix(2 * expertOutputs * expertCount, 2 * expertOutputs);
        this.#gateAndUp(m);
        return role.experts ? this.#expertBatch(m, 2 * expertOutputs, 0) : this.#batches(m);
      }
      case 'down': {
        const m = await this.#matrix(expertOutputs * expertCount, expertOutputs);
        this.#down(m);
        return role.experts ? this.#expertBatch(m, expertOutputs, 1) : this.#batches(m);
      }
      default:
        return role satisfies never;
    }
  }

  #embedding(m: GeneratedMatrix): void {
    const ids = this.#words(Uint32Array.from({ length: outputs }, (_, row) => row));
    const y = this.#output(outputs * this.columns);
    this.checks.push({
      kernel: 'embed_rows',
      format: this.format,
      part: undefined,
      record: list => embedRows(list, m.w, ids, y, outputs),
      error: async () => {
        const values = await this.gpu.readback.floats(y);
        const ofRow = (row: number) => values.subarray(row * this.columns, (row + 1) * this.columns);
        return Math.max(...Array.from({ length: outputs }, (_, row) => m.decodingError(row, ofRow(row))));
      },
    });
  }

  /** Every other row, the last first, decoded from its copy. */
  #gathered(m: GeneratedMatrix): void {
    const rowsOf = Uint32Array.from({ length: outputs / 2 }, (_, t) => outputs - 1 - 2 * t);
    const head = emptyDraftHead(this.gpu, m.w, rowsOf.length);
    this.#made.push({ dispose: () => disposeDraftHead(head) });
    head.ids.write(rowsOf);
    const all = this.#words(rowsOf.map((_, t) => t));
    const y = this.#output(rowsOf.length * this.columns);
    this.checks.push({
      kernel: 'gather_rows',
      format: this.format,
      part: undefined,
      record: list => {
        gatherRows(list, m.w, head.ids, head.matrix);
        embedRows(list, head.matrix, all, y, rowsOf.length);
      },
      error: async () => {
        const values = await this.gpu.readback.floats(y);
        const ofRow = (t: number) => values.subarray(t * this.columns, (t + 1) * this.columns);
        return Math.max(...Array.from(rowsOf, (row, t) => m.decodingError(row, ofRow(t))));
      },
    });
  }

  #normed(m: GeneratedMatrix): void {
    const x = this.#activations(fewRows);
    const gain = this.#floats(new Float32Array(this.columns).fill(0.5));
    const factor = 0.5 / Math.sqrt(meanSquare + eps);
    for (const count of [1, fewRows])
      this.#product('norm_matvec', 'decode', count * outputs, {
        record: (list, y) =>
          normMatvec(list, { x: rows(x, this.columns), gain, w: [m.w], y: rows(y, outputs) }, { count, eps }),
        wanted: at => factor * m.product(at % outputs, Math.floor(at / outputs)),
      });
  }

  #added(m: GeneratedMatrix): void {
    const x = this.#activations(fewRows);
    for (const count of [1, fewRows])
      this.#product('add_matvec', 'decode', count * outputs, {
        record: (list, y) => {
          list.clear(y);
          addMatvec(list, { x: rows(x, this.columns), w: m.w, y: rows(y, outputs) }, { count });
        },
        wanted: at => m.product(at % outputs, Math.floor(at / outputs)),
      });
  }

  #gatedNorm(
    m: GeneratedMatrix,
    { heads, dim, tileHeads }: { heads: number; dim: number; tileHeads: number },
  ): void {
    const blocks = groupCount(dim, squareBlock);
    const squaresAt = fewRows * this.columns;
    const [values, z] = [activations(this.format, fewRows, this.columns), 1.5];
    // Heads are rows of o; where W's columns count them tiled, o has them in their own order.
    const o = new Float32Array(squaresAt + fewRows * heads * blocks);
    for (let t = 0; t < fewRows; t++)
      for (let p = 0; p < heads; p++) {
        const h = tileHeads > 0 ? (p % tileHeads) * (heads / tileHeads) + Math.floor(p / tileHeads) : p;
        const from = values.subarray((t * heads + p) * dim, (t * heads + p + 1) * dim);
        o.set(from, (t * heads + h) * dim);
        for (let b = 0; b < blocks; b++)
          o[squaresAt + (t * heads + h) * blocks + b] = from
            .subarray(b * squareBlock, (b + 1) * squareBlock)
            .reduce((sum, value) => sum + value * value, 0);
      }
    const tensor = this.#floats(o);
    const gates = this.#floats(new Float32Array(squaresAt).fill(z));
    const gain = this.#floats(new Float32Array(dim).fill(0.5));
    const factor = (0.5 / Math.sqrt(meanSquare + eps)) * (z / (1 + Math.exp(-z)));
    this.#product('gated_norm_matvec', 'decode', fewRows * outputs, {
      record: (list, y) => {
        list.clear(y);
        gatedNormMatvec(
          list,
          { o: tensor, z: rows(gates, this.columns), gain, w: m.w, y: rows(y, outputs) },
          { count: fewRows, heads, dim, eps, tileHeads, squaresAt, ring: noRing },
        );
      },
      wanted: at => factor * m.product(at % outputs, Math.floor(at / outputs)),
    });
  }

  #gateAndUp(m: GeneratedMatrix): void {
    const width = expertOutputs;
    const x = this.#activations(fewRows);
    const gain = this.#floats(new Float32Array(this.columns).fill(1));
    const factor = 1 / Math.sqrt(meanSquare + eps);
    const choice = { tensor: this.#choice(fewRows), slots: chosen };
    this.#product('expert_gate_up', 'decode', fewRows * chosen * width, {
      record: (list, hidden) =>
        expertGateUp(
          list,
          { x: rows(x, this.columns), gain, stacks: [{ ...oneStack, w: [m.w], width }], choice, hidden },
          { count: fewRows, hiddenStride: width, eps },
        ),
      wanted: at => {
        const [entry, f] = [Math.floor(at / width), at % width];
        const first = expertOf(entry) * 2 * width + f;
        const t = Math.floor(entry / chosen);
        const gate = factor * m.product(first, t);
        return ((weightOf(entry) * gate) / (1 + Math.exp(-gate))) * factor * m.product(first + width, t);
      },
    });
  }

  #down(m: GeneratedMatrix): void {
    const hidden = this.#activations(fewRows * chosen);
    const choice = { tensor: this.#choice(fewRows), slots: chosen };
    this.#product('expert_down', 'decode', fewRows * expertOutputs, {
      record: (list, y) => {
        list.clear(y);
        expertDown(
          list,
          {
            hidden,
            stacks: [{ ...oneStack, w: m.w, width: this.columns }],
            choice,
            y: rows(y, expertOutputs),
          },
          { count: fewRows, outputs: expertOutputs, hiddenStride: this.columns },
        );
      },
      wanted: at => {
        const [t, m0] = [Math.floor(at / expertOutputs), at % expertOutputs];
        let sum = 0;
        for (let entry = t * chosen; entry < (t + 1) * chosen; entry++)
          sum += m.product(expertOf(entry) * expertOutputs + m0, entry);
        return sum;
      },
    });
  }

  /** Half of the rows as those that are never rounded. */
  #batches(m: GeneratedMatrix): void {
    const x = this.#activations(Math.max(...batches));
    const stride = Math.ceil(m.w.rows / 4) * 4;
    for (const count of batches)
      this.#product(`matmul of ${count} rows`, 'matmul', count * stride, {
        record: (list, y) =>
          matmul(list, rows(x, this.columns), m.w, rows(y, stride), {
            count,
            exactFrom: Math.floor(m.w.rows / 2),
          }),
        wanted: at => (at % stride < m.w.rows ? m.product(at % stride, Math.floor(at / stride)) : undefined),
      });
  }

  #expertBatch(m: GeneratedMatrix, ofExpert: number, product: 0 | 1): void {
    for (const count of expertBatches) {
      const entries = count * chosen;
      // The first product reads a row for all its experts, the second one for each.
      const xDivisor = product === 0 ? chosen : 1;
      const x = this.#activations(entries / xDivisor);
      const choice = this.#choice(count);
      const order = this.#words(new Uint32Array(entries));
      const tiles = this.#words(new Uint32Array(4 * tileCountMax(entries, expertCount, 1)));
      const launches = this.#tensor('launches', [launchCount, 3], 'u32', { indirect: true });
      this.#product(`moe_matmul of ${count} rows`, 'matmul', entries * ofExpert, {
        record: (list, y) => {
          const tileRows = expertTileRows(list.gpu, { count, used: chosen, experts: expertCount });
          const tileCount = tileCountMax(entries, expertCount, tileRows);
          const tilesUsual = tilesExpected(entries, expertCount, tileRows);
          const lists = { order, tiles, launches, tileRows, tileCount, tilesUsual };
          const groups = expertOutputGroups(list.gpu, tileRows, ofExpert);
          moeLists(list, choice, lists, {
            entries,
            experts: expertCount,
            used: chosen,
            slots: chosen,
            outputGroups: [groups, groups],
          });
          moeMatmul(list, x, m.w, lists, y, { outputs: ofExpert, xDivisor, product });
        },
        wanted: at => {
          const entry = Math.floor(at / ofExpert);
          return m.product(expertOf(entry) * ofExpert + (at % ofExpert), Math.floor(entry / xDivisor));
        },
      });
    }
  }

  /** One check: `record` writes `length` values, of which each is `wanted`, unless that is undefined. */
  #product(
    kernel: string,
    part: TunedPart,
    length: number,
    {
      record,
      wanted,
    }: { record: (list: CommandList, y: GpuTensor) => void; wanted: (at: number) => number | undefined },
  ): void {
    const y = this.#output(length);
    this.checks.push({
      kernel,
      format: this.format,
      part,
      record: list => {
        // What the kernel does not write is no number.
        if (!list.collecting) y.write(new Float32Array(length).fill(NaN));
        record(list, y);
      },
      error: async () => {
        const got = await this.gpu.readback.floats(y, 0, length);
        let [worst, scale] = [0, 0];
        for (const [at, value] of got.entries()) {
          const want = wanted(at);
          if (want === undefined) continue;
          scale = Math.max(scale, Math.abs(want));
          worst = Math.max(worst, Math.abs(value - want));
        }
        return worst / scale;
      },
    });
  }

  async #matrix(rowCount: number, groupRows = 1): Promise<GeneratedMatrix> {
    const m = await GeneratedMatrix.create(this.gpu, this.format, {
      rows: rowCount,
      columns: this.columns,
      groupRows,
    });
    this.#made.push(m);
    return m;
  }
  #activations(count: number): GpuTensor {
    return this.#floats(activations(this.format, count, this.columns));
  }
  /** u32 [count, chosen, 2]: experts and weights of every row. */
  #choice(count: number): GpuTensor {
    const words = new Uint32Array(count * chosen * 2);
    const floats = new Float32Array(words.buffer);
    for (let entry = 0; entry < count * chosen; entry++) {
      words[2 * entry] = expertOf(entry);
      floats[2 * entry + 1] = weightOf(entry);
    }
    return this.#words(words);
  }
  #output(length: number): GpuTensor {
    return this.#tensor('checked', [length], 'f32');
  }
  #floats(values: Float32Array<ArrayBuffer>): GpuTensor {
    const tensor = this.#tensor('known', [values.length], 'f32');
    tensor.write(values);
    return tensor;
  }
  #words(values: Uint32Array<ArrayBuffer>): GpuTensor {
    const tensor = this.#tensor('known', [values.length], 'u32');
    tensor.write(values);
    return tensor;
  }
  #tensor(...args: Parameters<Gpu['buffers']['create']>): GpuTensor {
    const tensor = this.gpu.buffers.create(...args);
    this.#made.push(tensor);
    return tensor;
  }
}

/** The expert of a row's slot; those of a row differ, and some rows share them. */
function expertOf(entry: number): number {
  return (Math.floor(entry / chosen) * 3 + (entry % chosen) * 2) % expertCount;
}
/** The weight it has. */
function weightOf(entry: number): number {
  return 0.25 + 0.5 * (entry % chosen);
}
