// The self-check of a device: the embedded model's known logits before the first model is loaded, and every kernel of a model that is
// loaded on matrices whose products are known. Wrong variants give way to others, and a device that is wrong with all of them is told.
import type { Gpu, TunedVariant } from '../gpu/device.ts';
import type { VariantChoice } from '../model/load.ts';
import type { Qwen3Next } from '../model/qwen3_next.ts';
import { HearthError } from '../protocol/errors.ts';
import { errorLine } from '../protocol/log_line.ts';
import { inEnglish, type Phrase } from '../protocol/phrase.ts';
import type { TunedPart } from '../tuning/candidates.ts';
import { deviceFault, wrongText, type Wrong } from './fault.ts';
import { embeddedModel, wrongPrograms, type KnownModel, type WrongProgram } from './known_logits.ts';
import { matrixUses, type MatrixUse } from './matrix_uses.ts';
import { checkKey, PassedChecks } from './passed.ts';
import { settleVariant, type DroppedVariant } from './right_variant.ts';
import { wrongKernels, type WrongKernel } from './run_products.ts';

export interface SelfCheckOptions {
  passed?: PassedChecks;
  /** Checks again what passed before. */
  again?: boolean;
  /** The model with known logits; unset: the embedded one. */
  known?: () => Promise<KnownModel | undefined>;
}

export class SelfCheck {
  readonly #passed: PassedChecks;
  readonly #again: boolean;
  readonly #known: () => Promise<KnownModel | undefined>;
  /** What is wrong of the device whatever model runs, and of the kernels of the model at hand. */
  #wrongPrograms: readonly WrongProgram[] = [];
  #wrongKernels: readonly WrongKernel[] = [];
  /** Time that checks took. */
  ms = 0;
  /** Everything that was given up. */
  readonly dropped: DroppedVariant<Wrong>[] = [];
  #programsChecked = false;

  constructor(
    private readonly gpu: Gpu,
    { passed = new PassedChecks(), again = false, known = embeddedModel }: SelfCheckOptions = {},
  ) {
    this.#passed = passed;
    this.#again = again;
    this.#known = known;
  }

  /** What no variant computes rightly. */
  get wrong(): readonly Wrong[] {
    return [...this.#wrongPrograms, ...this.#wrongKernels];
  }

  /** The device by its name with what differs; undefined when nothing is known to be wrong. */
  get fault(): Phrase | undefined {
    return faultOf(this.gpu, this.wrong);
  }

  /**
   * The known logits, once. False where there is nothing to compare with. The variants that passed are in force afterwards.
   * Throws deviceLost, loadCancelled; another failure is only logged, since nothing was found wrong.
   */
  async programs(signal?: AbortSignal): Promise<boolean> {
    if (this.#programsChecked) return true;
    const known = await this.#known();
    if (!known) return false;
    await this.#check({
      subject: { logits: known.logits.model, variant: this.gpu.variant },
      check: () => wrongPrograms(this.gpu, known, signal),
      partsOf: ({ program }) =>
        program === 'batch'
          ? ['route', 'matmul', 'attention']
          : ['decode', 'workgroups', 'route', 'fewAttention'],
      found: wrong => (this.#wrongPrograms = wrong),
    });
    this.#programsChecked = true;
    return true;
  }

  /**
   * The kernels that are used for these matrices with the variants in force, unless they passed before. True when variants were
   * dropped. Throws deviceLost.
   */
  async kernels(uses: readonly MatrixUse[]): Promise<boolean> {
    const { gpu } = this;
    const before = this.dropped.length;
    this.#wrongKernels = [];
    await this.#check({
      subject: { uses, variant: gpu.variant },
      check: () => wrongKernels(gpu, uses),
      partsOf: ({ part }): TunedPart[] => (part === 'decode' ? ['decode', 'workgroups'] : part ? [part] : []),
      found: wrong => (this.#wrongKernels = wrong),
    });
    return this.dropped.length > before;
  }

  /** A choice of variants whose outcome is checked; `keep` is called with what is to be kept in place of a dropped one. */
  checked(choice: VariantChoice, keep: (model: Qwen3Next) => Promise<void>): VariantChoice {
    const check = async (model: Qwen3Next): Promise<void> => {
      if (await this.kernels(matrixUses(model))) await keep(model);
    };
    return {
      useKnown: async model => {
        const known = await choice.useKnown(model);
        if (known) await check(model);
        return known;
      },
      measure: async model => {
        await choice.measure(model);
        await check(model);
      },
      proved: model => choice.proved(model),
      failed: model => choice.failed(model),
    };
  }

  async #check<W extends Wrong>({
    subject,
    check,
    partsOf,
    found,
  }: {
    subject: unknown;
    check: () => Promise<readonly W[]>;
    partsOf: (wrong: W) => readonly TunedPart[];
    found: (wrong: readonly W[]) => void;
  }): Promise<void> {
    const { gpu } = this;
    const key = checkKey(gpu, subject);
    const kept = this.#again ? undefined : await this.#passed.read(key);
    if (kept) {
      gpu.variant = kept;
      return;
    }
    const before = gpu.variant;
    const started = performance.now();
    try {
      const { dropped, wrong } = await settleVariant(gpu, check, partsOf);
      for (const one of dropped) console.error(errorLine(droppedText(one)));
      this.dropped.push(...dropped);
      found(wrong);
      const fault = faultOf(gpu, wrong);
      if (fault) return void console.error(errorLine(inEnglish(fault)));
    } catch (error) {
      if (error instanceof HearthError && ['deviceLost', 'loadCancelled'].includes(error.code)) throw error;
      gpu.variant = before;
      return void console.error(errorLine(`the self-check did not come to an end: ${String(error)}`));
    } finally {
      const ms = performance.now() - started;
      this.ms += ms;
      console.error(`self-check in ${ms.toFixed(0)} ms`);
    }
    await this.#passed
      .write(key, gpu.variant)
      .catch((error: unknown) =>
        console.error(`what passed the self-check could not be kept: ${String(error)}`),
      );
  }
}

function faultOf({ facts }: Gpu, [first, ...more]: readonly Wrong[]): Phrase | undefined {
  return first && deviceFault(facts, [first, ...more]);
}

/** "teamLanes 16, subgroupSums false". */
export function variantText(variant: Partial<TunedVariant>): string {
  const named = Object.entries(variant).map(([name, value]) => `${name} ${String(value)}`);
  return named.length > 0 ? named.join(', ') : 'the usual variant';
}

/** What was given up, and why. */
export function droppedText({ part, variant, wrong }: DroppedVariant<Wrong>): string {
  return `${part} ${variantText(variant)} is not used: ${wrong.map(one => inEnglish(wrongText(one))).join('; ')}`;
}
