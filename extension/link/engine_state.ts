// The states of the engine as everybody sees them, and the rules by which it is started again. Pure.
import type { HearthError, HearthErrorName } from '../../engine/protocol/errors.ts';
import type {
  DeviceFacts,
  KernelProgress,
  LoadProgress,
  ModelFacts,
} from '../../engine/protocol/lifecycle.ts';

/** How long to wait before the engine is started again: at first, and at most. */
export const restartDelayFirstMs = 250;
export const restartDelayMaxMs = 10_000;

/** A model that could not be loaded, and why. */
export interface RefusedModel {
  path: string;
  error: HearthError;
}

/** Why an engine that ran rests: nothing was asked of it for long, or the user wants the GPU for something else. */
export type RestReason = 'idle' | 'byHand';

export type EngineState =
  /** Not started yet, or resting. */
  | { kind: 'stopped'; rest?: RestReason }
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
  | { kind: 'restarting'; error: HearthError; attempt: number }
  | { kind: 'failed'; error: HearthError };

/**
 * Whether typing alone may start the engine: only where it starts with the window anyway, and not after the user has freed
 * the GPU by hand.
 */
export function startsByTyping(start: 'whenAsked' | 'withWindow', state: EngineState): boolean {
  return state.kind !== 'stopped' || (start === 'withWindow' && state.rest !== 'byHand');
}

const transientErrors: ReadonlySet<HearthErrorName> = new Set<HearthErrorName>([
  'engineExited',
  'engineHung',
  'deviceLost',
  'gpuError',
  'internal',
]);

/** True for a failure that a fresh process may cure; all others need the user. */
export function isTransient(code: HearthErrorName): boolean {
  return transientErrors.has(code);
}

/** The wait before a start: doubles from the first delay up to the cap. */
export function restartDelayMs(attempt: number): number {
  return Math.min(restartDelayFirstMs * 2 ** (attempt - 1), restartDelayMaxMs);
}

/** The name that the engine will give the model at this path. */
export function modelNameOf(path: string): string {
  const last = path
    .replace(/[\\/]+$/, '')
    .split(/[\\/]/)
    .at(-1);
  return (last ?? path).replace(/\.gguf$/i, '');
}
