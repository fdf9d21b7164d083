// What a golden fixture expects (docs/MODEL.md 14), compared tensor by tensor; what nobody compared is a fault as well.
import { join } from 'node:path';
import { RangedFile } from '../checkpoint/ranged_file.ts';
import { readSafetensorsHeader } from '../checkpoint/safetensors.ts';
import { errors } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';

/** One comparison: the largest error, and the largest that is allowed. */
export interface VerifyRow {
  name: string;
  error: number;
  tolerance: number;
}

/** The tensors of expected.safetensors. */
export class Expected {
  readonly #tensors = new Map<string, { data: ArrayBuffer; rows: number }>();
  readonly #read = new Set<string>();

  private constructor(private readonly path: string) {}

  /** Throws badCheckpoint, fileUnreadable. */
  static async open(directory: string): Promise<Expected> {
    const file = await RangedFile.open(join(directory, 'expected.safetensors'));
    const expected = new Expected(file.path);
    try {
      for (const { name, position, byteLength, shape } of await readSafetensorsHeader(file)) {
        const data = new Uint8Array(byteLength);
        await file.read(position, data);
        expected.#tensors.set(name, {
          data: data.buffer,
          rows: shape.length === 2 ? (shape[0] as number) : 1,
        });
      }
    } finally {
      await file.close();
    }
    return expected;
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }
  /** Throws badCheckpoint when it is missing. */
  floats(name: string): { values: Float32Array; rows: number } {
    const { data, rows } = this.#get(name);
    return { values: new Float32Array(data), rows };
  }
  ints(name: string): number[] {
    return [...new Int32Array(this.#get(name).data)];
  }

  /** Names that nobody has asked for; but for the insides of layers, which the engine does not keep. */
  unread(): string[] {
    const names = [...this.#tensors.keys()];
    return names.filter(name => !this.#read.has(name) && !name.startsWith('debug.')).sort();
  }

  #get(name: string): { data: ArrayBuffer; rows: number } {
    const found = this.#tensors.get(name);
    if (!found) throw errors.badCheckpoint(this.path, phrase`it lacks "${name}"`);
    this.#read.add(name);
    return found;
  }
}

/** Largest errors allowed, by kind of tensor. */
export interface Tolerances {
  logits: number;
  hidden: number;
  state: number;
  /** Copied, or computed on the host. */
  table: number;
  /** Share of a prompt's rows of logits and hidden states that may be further off: a near tie of a router went the other way. */
  rowsApart: number;
}

/** Compares what was computed with what is expected, each tensor once. */
export class Comparison {
  readonly #rows: VerifyRow[] = [];

  constructor(
    readonly expected: Expected,
    private readonly tolerances: Tolerances,
  ) {}

  /** Throws badCheckpoint when the fixture lacks it. */
  compare(name: string, got: Float32Array, kind: 'logits' | 'hidden' | 'state' | 'table'): void {
    const { values, rows } = this.expected.floats(name);
    const want = name.endsWith('.conv') ? newestColumns(values) : values;
    const byRow = kind === 'logits' || kind === 'hidden';
    const errors = got.length === want.length ? rowErrors(got, want, byRow ? rows : 1) : [Infinity];
    const apart = Math.floor(errors.length * this.tolerances.rowsApart);
    this.#rows.push({ name, error: errors[apart] ?? Infinity, tolerance: this.tolerances[kind] });
  }

  /** Every comparison, and whatever was expected and not compared. */
  result(): VerifyRow[] {
    const missed = this.expected.unread();
    return [...this.#rows, ...missed.map(name => ({ name, error: Infinity, tolerance: 0 }))];
  }
}

/** The largest absolute difference of each row, the largest first; what is no number is further off than anything. */
function rowErrors(got: Float32Array, want: Float32Array, rows: number): number[] {
  const width = want.length / rows;
  const errors = new Array<number>(rows).fill(0);
  for (const [i, value] of got.entries()) {
    const row = Math.floor(i / width);
    const error = Math.abs(value - (want[i] as number));
    if (!(error <= (errors[row] as number))) errors[row] = Number.isNaN(error) ? Infinity : error;
  }
  return errors.sort((a, b) => b - a);
}

/** A convolution's tail, [channels, 4] with the newest last, as it is kept: [3, channels], the oldest first. */
function newestColumns(want: Float32Array): Float32Array {
  const columns = 4;
  const channels = want.length / columns;
  return Float32Array.from(
    { length: want.length - channels },
    (_, at) => want[(at % channels) * columns + Math.floor(at / channels) + 1] as number,
  );
}
