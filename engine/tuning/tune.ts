// Measures the variants of kernels on the device and the model at hand, and takes the fastest one of each kind that computes what
// the plainest one computes. Bounded in time: what does not fit is not tried.
import { reasonOf } from '../protocol/errors.ts';
import type { Gpu, TunedVariant } from '../gpu/device.ts';
import { CommandList, runOnce } from '../gpu/dispatch.ts';
import type { PipelineSpec } from '../gpu/pipeline.ts';
import type { Qwen3Next } from '../model/qwen3_next.ts';
import { candidatesFor, partsAfter, tunedParts, type Candidates, type TunedPart } from './candidates.ts';
import { trialsOf, type Trial, type Trials } from './trials.ts';

export interface MeasuredVariant {
  part: TunedPart;
  variant: Partial<TunedVariant>;
  /** Time of the part's work; undefined when it was not measured. */
  us?: number;
  /** Why it is out of the question. */
  dropped?: string;
  chosen: boolean;
}
export interface Tuning {
  variant: TunedVariant;
  measured: MeasuredVariant[];
  ms: number;
}

export interface TuneOptions {
  limitMs?: number;
  candidates?: Candidates;
  trials?: Trials;
}

/** A person waits for it once for every model and device. */
const limitMsDefault = 4000;
/** Another variant than the device's default has to be faster by this share: less is noise. */
const worthwhile = 0.03;
/** Largest difference from the plainest variant, as a share of its largest value: sums in another order; blocks of halves; 16 bits. */
const tolerance = { f32: 1e-4, f16: 5e-3, i8: 1e-3 };

/**
 * The variant to run `model` with; the device keeps the one it has. Nothing else may use the model meanwhile. A variant that does not
 * compile, fails or computes something else is dropped; the plainest ones always remain. Throws deviceLost.
 */
export async function tune(
  model: Qwen3Next,
  {
    limitMs = limitMsDefault,
    candidates = candidatesFor(model.gpu),
    trials = trialsOf(model),
  }: TuneOptions = {},
): Promise<Tuning> {
  const { gpu } = model;
  const started = performance.now();
  const before = gpu.variant;
  const measured: MeasuredVariant[] = [];
  let variant = before;
  try {
    const run = new Runner(gpu, started + limitMs);
    await runOnce(gpu, list => trials.prepare(list));
    const parts = tunedParts.filter(part => trials.parts[part]);
    /** With what was chosen for the part before, if the candidates go on from that. */
    const candidatesOf = (part: TunedPart) => {
      const before = measured.find(one => one.part === partsAfter[part] && one.chosen)?.variant;
      return candidates[part].map(candidate => ({ ...before, ...candidate }));
    };
    const compile = (part: TunedPart, until?: number) =>
      run.compile(trials.parts[part] as Trial, candidatesOf(part), until);
    await Promise.all(parts.filter(part => !partsAfter[part]).map(part => compile(part)));
    for (const [i, part] of parts.entries()) {
      const until = performance.now() + (started + limitMs - performance.now()) / (parts.length - i);
      // Half of its time, so that some is left to measure.
      if (partsAfter[part]) await compile(part, (performance.now() + until) / 2);
      const ofPart = await measurePart(run, part, trials.parts[part] as Trial, candidatesOf(part), until);
      const chosen = fastest(ofPart, before);
      if (chosen) {
        chosen.chosen = true;
        variant = { ...variant, ...chosen.variant };
      }
      measured.push(...ofPart);
    }
  } finally {
    trials.dispose();
  }
  return { variant, measured, ms: performance.now() - started };
}

async function measurePart(
  run: Runner,
  part: TunedPart,
  trial: Trial,
  candidates: readonly Partial<TunedVariant>[],
  until: number,
): Promise<MeasuredVariant[]> {
  const all = candidates.map((variant): MeasuredVariant => ({ part, variant, chosen: false }));
  let wanted: Float32Array[] | undefined;
  for (const [i, one] of all.entries()) {
    if (i > 0 && performance.now() > until) break;
    if (!run.isCompiled(one.variant)) {
      one.dropped = run.failureOf(one.variant) ?? 'it was not compiled in time';
      if (i === 0) break;
      continue;
    }
    try {
      const got = await run.outputs(one.variant, trial);
      if (!wanted) wanted = got;
      else {
        const difference = largestDifference(got, wanted);
        // NaN is no number that is small enough.
        if (!(difference <= toleranceOf(one.variant, run.gpu))) {
          one.dropped = `it differs by ${difference.toPrecision(2)}`;
          continue;
        }
      }
      const share = (until - performance.now()) / (all.length - i);
      one.us = await run.time(one.variant, trial, share);
    } catch (error) {
      run.gpu.check();
      one.dropped = reasonOf(error);
    }
  }
  return all;
}

/** Largest difference that a variant may make, as a share of the largest value. */
export function toleranceOf({ staged = 'f32' }: Partial<TunedVariant>, { matrix }: Gpu): number {
  return tolerance[staged === 'matrix' ? (matrix?.halves ? 'f16' : 'f32') : staged];
}

/** The fastest variant, unless the one in force is nearly as fast. */
function fastest(variants: readonly MeasuredVariant[], before: TunedVariant): MeasuredVariant | undefined {
  const timed = variants.filter(({ us }) => us !== undefined);
  const best = timed.reduce<MeasuredVariant | undefined>(
    (a, b) => (a && (a.us as number) <= (b.us as number) ? a : b),
    undefined,
  );
  const inForce = timed.find(({ variant }) =>
    Object.entries(variant).every(([name, value]) => before[name as keyof TunedVariant] === value),
  );
  return inForce && best && (inForce.us as number) <= (best.us as number) * (1 + worthwhile) ? inForce : best;
}

/** Largest difference, as a share of the largest wanted value of its output. */
function largestDifference(got: readonly Float32Array[], wanted: readonly Float32Array[]): number {
  let worst = 0;
  for (const [i, want] of wanted.entries()) {
    const scale = want.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-30);
    for (const [at, value] of want.entries()) {
      const other = got[i]?.[at] as number;
      // Padding, which nobody writes.
      if (Number.isNaN(value) && Number.isNaN(other)) continue;
      worst = Math.max(worst, Math.abs(other - value) / scale);
    }
  }
  return worst;
}

/** Compiles, runs and times work in one variant or another. */
class Runner {
  readonly #failures = new Map<string, string>();
  readonly #ready = new Set<string>();

  constructor(
    readonly gpu: Gpu,
    private readonly until: number,
  ) {}

  /** Compiles a trial in every variant, all at once; what is not done by `until` is left. */
  async compile(trial: Trial, variants: readonly Partial<TunedVariant>[], until = this.until): Promise<void> {
    const all = variants.map(async variant => {
      const specs: PipelineSpec[] = [];
      try {
        this.#record(variant, trial, new CommandList(this.gpu, specs));
        await this.gpu.pipelines.prepare(specs);
        this.#ready.add(keyOf(variant));
      } catch (error) {
        this.#failures.set(keyOf(variant), reasonOf(error));
      }
    });
    // The plainest variant is waited for in any case: without it nothing can be compared.
    await all[0];
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise(resolve => {
      timer = setTimeout(resolve, Math.max(0, until - performance.now()));
    });
    await Promise.race([Promise.all(all), late]);
    clearTimeout(timer);
    this.gpu.check();
  }

  isCompiled(variant: Partial<TunedVariant>): boolean {
    return this.#ready.has(keyOf(variant));
  }
  failureOf(variant: Partial<TunedVariant>): string | undefined {
    return this.#failures.get(keyOf(variant));
  }

  /** What the trial writes in this variant; NaN where it writes nothing. */
  async outputs(variant: Partial<TunedVariant>, trial: Trial): Promise<Float32Array[]> {
    for (const { tensor, values } of trial.outputs) tensor.write(new Float32Array(values).fill(NaN));
    await this.#run(variant, trial, 1);
    const out: Float32Array[] = [];
    for (const { tensor, values } of trial.outputs)
      out.push(await this.gpu.readback.floats(tensor, 0, values));
    return out;
  }

  /** Microseconds of the trial: the best of several rounds of so many of them that a clock can tell. */
  async time(variant: Partial<TunedVariant>, trial: Trial, budgetMs: number): Promise<number> {
    const until = performance.now() + budgetMs;
    let best = Infinity;
    let times = 1;
    for (let round = 0; round < 6; round++) {
      const ms = await this.#run(variant, trial, times);
      best = Math.min(best, (ms * 1000) / times);
      if (performance.now() + ms > until) break;
      if (ms < 2) times = Math.min(256, times * (ms < 0.5 ? 8 : 3));
    }
    return best;
  }

  /** Milliseconds from the submit until the device is done. */
  async #run(variant: Partial<TunedVariant>, trial: Trial, times: number): Promise<number> {
    const list = new CommandList(this.gpu);
    for (let i = 0; i < times; i++) this.#record(variant, trial, list);
    const started = performance.now();
    list.submit();
    await this.gpu.idle();
    return performance.now() - started;
  }

  #record(variant: Partial<TunedVariant>, trial: Trial, list: CommandList): void {
    const before = this.gpu.variant;
    this.gpu.variant = { ...before, ...variant };
    try {
      trial.record(list);
    } finally {
      this.gpu.variant = before;
    }
  }
}

function keyOf(variant: Partial<TunedVariant>): string {
  return JSON.stringify(variant);
}
