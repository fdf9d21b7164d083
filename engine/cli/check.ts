// `check`: the self-check of the device, whatever passed before: known logits, and the kernels of a model.
import { checkEveryKernel } from '../check/every_kernel.ts';
import { wrongText } from '../check/fault.ts';
import { droppedText, SelfCheck, variantText } from '../check/self_check.ts';
import { openCheckpoint } from '../checkpoint/open_checkpoint.ts';
import type { DeviceChoice } from '../gpu/device.ts';
import { loadModel } from '../model/load.ts';
import { errors } from '../protocol/errors.ts';
import { inEnglish } from '../protocol/phrase.ts';
import { keepVariant, keptVariants } from '../tuning/variants.ts';
import { withGpu, type ModelLoading } from './with_model.ts';

export interface CheckResult {
  device: string;
  driver: string;
  /** Whether there were known logits to compare with. */
  logits: boolean;
  ms: number;
  /** Variants of kernels that are not used any more, and why. */
  dropped: string[];
  /** What no variant computes rightly. */
  wrong: string[];
}

export interface EveryKernelResult {
  device: string;
  driver: string;
  /** Pairs of a storage type and a variant that were looked at, and that there are. */
  done: number;
  total: number;
  wrong: string[];
}

/** Every variant with every storage type, for so long. Prints and throws as runCheck(). */
export async function runEveryKernel({
  device: choice,
  seconds,
  json,
}: {
  device: DeviceChoice;
  seconds: number;
  json: boolean;
}): Promise<void> {
  await withGpu(choice, async gpu => {
    const { done, total, wrong: found } = await checkEveryKernel(gpu, seconds * 1000);
    const wrong = found.map(one => `${variantText(one.variant)}: ${inEnglish(wrongText(one))}`);
    const { name: device, driver } = gpu.facts;
    const result: EveryKernelResult = { device, driver, done, total, wrong };
    const text = [...wrong.map(one => `WRONG: ${one}`), `${done} of ${total} looked at`];
    process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${text.join('\n')}\n`);
    if (wrong.length > 0) throw errors.verifyFailed(device, wrong.join('; '));
  });
}

/** Prints what was found, as lines or as JSON. Throws verifyFailed when the device is wrong. */
export async function runCheck({
  model: path,
  load: { device: choice, ...load },
  json,
}: {
  model?: string | undefined;
  load: ModelLoading;
  json: boolean;
}): Promise<void> {
  await withGpu(choice, async gpu => {
    const check = new SelfCheck(gpu, { again: true });
    const logits = await check.programs();
    if (path !== undefined) {
      const checkpoint = await openCheckpoint(path);
      try {
        const variants = check.checked(keptVariants(), keepVariant);
        (await loadModel(gpu, checkpoint, { ...load, variants })).dispose();
      } finally {
        await checkpoint.close();
      }
    }
    const { name: device, driver } = gpu.facts;
    const wrong = check.wrong.map(one => inEnglish(wrongText(one)));
    const dropped = check.dropped.map(droppedText);
    const result: CheckResult = { device, driver, logits, ms: check.ms, dropped, wrong };
    process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${linesOf(result).join('\n')}\n`);
    if (wrong.length > 0) throw errors.verifyFailed(device, wrong.join('; '));
  });
}

function linesOf({ device, driver, logits, ms, dropped, wrong }: CheckResult): string[] {
  return [
    `device: ${device} (driver ${driver})`,
    `known logits: ${logits ? 'compared' : 'not compared, those of the embedded model are not there'}`,
    ...dropped.map(one => `dropped: ${one}`),
    ...(wrong.length > 0 ? wrong.map(one => `WRONG: ${one}`) : ['right']),
    `${ms.toFixed(0)} ms`,
  ];
}
