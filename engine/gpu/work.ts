// How much a kernel has to do, and how long the device should take for it: an estimate that measured times correct.

import { costMs, type Work, type WorkKind } from '../shared/prediction/cost.ts';

/** How fast a device is taken to be until something was measured. */
export interface DeviceRates {
  operationsPerMs: Readonly<Record<WorkKind, number>>;
  bytesPerMs: number;
  /** Of a dispatch, whatever it does. */
  launchMs: number;
}

/** A slow integrated GPU: what is cut too fine costs little, what is cut too coarse may cost the device. */
const gpuRates: DeviceRates = {
  operationsPerMs: { products: 5e8, experts: 5e8, attention: 3e8, recurrence: 1e8, rows: 1e9 },
  bytesPerMs: 30e6,
  launchMs: 0.01,
};
/** Two cores. */
const softwareRates: DeviceRates = {
  operationsPerMs: { products: 7e6, experts: 7e6, attention: 7e6, recurrence: 7e6, rows: 7e6 },
  bytesPerMs: 1e6,
  launchMs: 0.02,
};

/** Time by kind of work, in milliseconds, before corrections. */
export type PlainTimes = Map<WorkKind, number>;

/** One measurement says little: it corrects this much of what it differs by, on a scale of ratios. */
const gain = 0.5;
/** Farthest that one measurement is believed to differ. */
const ratioMax = 4;
/** Farthest from the first guess. */
const factorMax = 1000;

export class WorkEstimate {
  readonly #factors = new Map<WorkKind, number>();
  readonly #rates: DeviceRates;

  readonly #learns: boolean;

  /** learns: corrected by what is measured. rates: where they are known. */
  constructor(
    { software }: { software: boolean },
    { learns = true, rates }: { learns?: boolean; rates?: DeviceRates | undefined } = {},
  ) {
    this.#learns = learns;
    this.#rates = rates ?? (software ? softwareRates : gpuRates);
  }

  /** What a kind of work takes, relative to the first guess. */
  factor(kind: WorkKind): number {
    return this.#factors.get(kind) ?? 1;
  }

  /** Milliseconds before corrections. */
  plainMs({ kind, operations, bytes }: Work): number {
    const { operationsPerMs, ...others } = this.#rates;
    return costMs({ operations, bytes }, { operationsPerMs: operationsPerMs[kind], ...others });
  }

  /** Milliseconds that the device should take. */
  ms(work: Work): number {
    return this.plainMs(work) * this.factor(work.kind);
  }

  /** The same of work that is summed up by kinds. */
  total(plain: PlainTimes): number {
    let total = 0;
    for (const [kind, ms] of plain) total += ms * this.factor(kind);
    return total;
  }

  /** The device took so long for work of these kinds. What takes the larger share is corrected by more. */
  learn(plain: PlainTimes, measuredMs: number): void {
    const expected = this.total(plain);
    if (!this.#learns || !(expected > 0) || !(measuredMs > 0)) return;
    const ratio = clamp(measuredMs / expected, ratioMax);
    for (const [kind, ms] of plain) {
      const factor = this.factor(kind);
      const share = (ms * factor) / expected;
      this.#factors.set(kind, clamp(factor * ratio ** (gain * share), factorMax));
    }
  }
}

function clamp(ratio: number, most: number): number {
  return Math.min(Math.max(ratio, 1 / most), most);
}
