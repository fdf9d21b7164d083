// The states of the engine as everybody sees them, and the rules by which it is started again. Pure.
import type { EngineError, EngineErrorName } from '../../engine/protocol/errors.ts';
import type {
  DeviceFacts,
  KernelProgress,
  LoadProgress,
  ModelFacts,
} from '../../engine/protocol/lifecycle.ts';
import { limits } from '../../engine/protocol/limits.ts';

/** A model that could not be loaded, and why. */
export interface RefusedModel {
  path: string;
  error: EngineError;
}

export type EngineState =
  | { kind: 'stopped' }
  | { kind: 'starting' }
  | { kind: 'loading'; device: DeviceFacts; progress?: LoadProgress }
  | {
      kind: 'ready';
      device: DeviceFacts;
      model: ModelFacts;
      /** Rises with every model that is loaded, in whatever process. */
      generation: number;
      /** Kernels that compile in the background or that an answer waits for. */
      compiling?: KernelProgress;
      /** The model chosen last could not be loaded; `model` stays loaded instead. */
      refused?: RefusedModel;
    }
  | { kind: 'restarting'; error: EngineError; attempt: number }
  | { kind: 'failed'; error: EngineError };

const transientErrors: ReadonlySet<EngineErrorName> = new Set<EngineErrorName>([
  'engineExited',
  'engineHung',
  'deviceLost',
  'gpuError',
  'internal',
]);

/** True for a failure that a fresh process may cure; all others need the user. */
export function isTransient(code: EngineErrorName): boolean {
  return transientErrors.has(code);
}

/** The wait before a start: doubles from the first delay up to the cap. */
export function restartDelayMs(attempt: number): number {
  return Math.min(limits.restartDelayFirstMs * 2 ** (attempt - 1), limits.restartDelayMaxMs);
}

/** The name that the engine will give the model at this path. */
export function modelNameOf(path: string): string {
  const last = path
    .replace(/[\\/]+$/, '')
    .split(/[\\/]/)
    .at(-1);
  return (last ?? path).replace(/\.gguf$/i, '');
}
