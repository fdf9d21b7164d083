// Every failure of Hearth: one list of codes, one class, and the factories of what fails in the engine. What fails in the extension alone
// has its factories there (errors.ts in its rooms).
// Pure: no I/O. Crosses the wire through toWire/fromWire.
import { ResponseError } from 'vscode-jsonrpc';
import { inEnglish, isPhrase, phrase, type Phrase, type PhraseValue } from './phrase.ts';

/** Codes lie outside JSON-RPC's reserved range (-32768 … -32000). */
export const errorCodes = {
  badParams: 1001,
  notInitialized: 1002,
  noModel: 1003,
  internal: 1004,
  engineExited: 1005,
  engineHung: 1006,
  engineGaveUp: 1007,
  noRuntime: 1008,
  noAdapter: 1101,
  deviceSelfTestFailed: 1102,
  limitTooSmall: 1103,
  deviceLost: 1104,
  gpuError: 1105,
  outOfDeviceMemory: 1106,
  fileUnreadable: 1201,
  badCheckpoint: 1202,
  unsupportedArchitecture: 1203,
  missingTensor: 1204,
  badWeights: 1205,
  badTokenizer: 1206,
  loadCancelled: 1207,
  contextFull: 1301,
  messageTooLong: 1302,
  badSnapshot: 1303,
  badUsage: 1401,
  verifyFailed: 1402,
  hubUnreachable: 1501,
  hubFailed: 1502,
  hubAccessDenied: 1503,
  hubNotFound: 1504,
  hashMismatch: 1505,
  notAModel: 1506,
  diskFull: 1507,
  fileUnwritable: 1508,
  modelBusy: 1509,
} as const;

export type HearthErrorName = keyof typeof errorCodes;

/** The cause of a failure and what the user can do about it, to be said in the user's language. */
export interface ErrorPhrases {
  message: Phrase;
  remedy?: Phrase;
}

/** A named failure. `message` and `remedy` are its phrases in English. */
export class HearthError extends Error {
  override readonly name = 'HearthError';
  readonly code: HearthErrorName;
  readonly phrases: ErrorPhrases;
  readonly remedy: string;
  constructor(code: HearthErrorName, message: Phrase, remedy?: Phrase, options?: { cause?: unknown }) {
    super(inEnglish(message), options);
    this.code = code;
    this.phrases = { message, ...(remedy && { remedy }) };
    this.remedy = remedy ? inEnglish(remedy) : '';
  }
}

export interface WireErrorData extends ErrorPhrases {
  code: HearthErrorName;
}

/** True for what there was no device memory for: with less at a time, or once something has gone, it may do. */
export function isDeviceMemoryLack(error: unknown): error is HearthError {
  return error instanceof HearthError && error.code === 'outOfDeviceMemory';
}

/** HearthError -> JSON-RPC error; anything else becomes `internal`. */
export function toWire(error: unknown): ResponseError<WireErrorData> {
  const known = error instanceof HearthError ? error : errors.internal(error);
  return new ResponseError(errorCodes[known.code], known.message, {
    code: known.code,
    ...known.phrases,
  });
}

/** JSON-RPC error -> HearthError. Unknown shapes become `internal`. */
export function fromWire(error: unknown): HearthError {
  if (error instanceof HearthError) return error;
  if (error instanceof ResponseError) {
    const data = error.data as Partial<WireErrorData> | undefined;
    if (data?.message && typeof data.code === 'string' && data.code in errorCodes)
      return new HearthError(data.code, data.message, data.remedy);
  }
  return errors.internal(error);
}

/** The message of whatever was thrown. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The same as a part of a phrase. */
export function whyOf(cause: unknown): PhraseValue {
  if (cause instanceof HearthError) return cause.phrases.message;
  return isPhrase(cause) ? cause : reasonOf(cause);
}

/** One factory per case of the engine's, and of what both programs can meet. */
export const errors = {
  badParams: (what: PhraseValue) =>
    new HearthError(
      'badParams',
      phrase`The request is malformed: ${what}.`,
      phrase`Update Hearth: extension and engine do not match.`,
    ),
  notInitialized: () =>
    new HearthError(
      'notInitialized',
      phrase`The engine is not initialized yet.`,
      phrase`Wait a moment and try again.`,
    ),
  loadCancelled: () =>
    new HearthError(
      'loadCancelled',
      phrase`Loading the model was cancelled.`,
      phrase`Restart the engine to load it, or choose another model.`,
    ),
  noModel: () =>
    new HearthError(
      'noModel',
      phrase`No model is loaded.`,
      phrase`Choose a model with the command "Hearth: Choose Model".`,
    ),
  internal: (cause: unknown) =>
    new HearthError(
      'internal',
      phrase`Unexpected engine error: ${reasonOf(cause)}`,
      phrase`Open the Hearth log and report this.`,
      { cause },
    ),
  noAdapter: (detail?: PhraseValue) =>
    new HearthError(
      'noAdapter',
      detail === undefined
        ? phrase`No usable GPU adapter was found.`
        : phrase`No usable GPU adapter was found: ${detail}`,
      phrase`Install a GPU driver with Vulkan, Metal or Direct3D 12; on Linux without a GPU install Mesa 23 or newer (mesa-vulkan-drivers).`,
    ),
  noSuchAdapter: (wanted: string, names: readonly string[]) =>
    new HearthError(
      'noAdapter',
      names.length === 0
        ? phrase`No GPU is called "${wanted}", and no other was found.`
        : phrase`No GPU is called "${wanted}". There are: ${names.join(', ')}.`,
      phrase`Set "hearth.gpu.adapter" to one of them or to a part of its name, or leave it empty.`,
    ),
  deviceSelfTestFailed: (detail: PhraseValue) =>
    new HearthError(
      'deviceSelfTestFailed',
      phrase`The GPU self-test failed: ${detail}`,
      phrase`Update the GPU driver, or set "hearth.engine.nodePath" to a Node.js 22 or newer.`,
    ),
  limitTooSmall: (limit: string, have: number, need: number) =>
    new HearthError(
      'limitTooSmall',
      phrase`The GPU allows ${limit} = ${have}, but this model needs ${need}.`,
      phrase`Choose a smaller model or a shorter context.`,
    ),
  deviceLost: (detail: PhraseValue) =>
    new HearthError(
      'deviceLost',
      phrase`The GPU device was lost: ${detail}`,
      phrase`The engine is being restarted. If it happens again, update the GPU driver.`,
    ),
  gpuError: (detail: PhraseValue) =>
    new HearthError(
      'gpuError',
      phrase`The GPU reported an error: ${detail}`,
      phrase`Open the Hearth log and report this.`,
    ),
  outOfDeviceMemory: (detail: PhraseValue) =>
    new HearthError(
      'outOfDeviceMemory',
      phrase`The GPU is out of memory: ${detail}`,
      phrase`Choose a smaller model, or lower "hearth.context.maxTokens".`,
    ),
  fileUnreadable: (path: string, cause: unknown) =>
    new HearthError(
      'fileUnreadable',
      phrase`Cannot read ${path}: ${whyOf(cause)}`,
      phrase`Check that the path exists and may be read.`,
      { cause },
    ),
  badCheckpoint: (path: string, why: Phrase) =>
    new HearthError(
      'badCheckpoint',
      phrase`${path} is not a usable model file: ${why}.`,
      phrase`Fetch the file again, or choose another model.`,
    ),
  noCheckpoint: (path: string, why: Phrase) =>
    new HearthError(
      'badCheckpoint',
      phrase`${path} is no model: ${why}.`,
      phrase`Choose a .gguf file, or a folder with config.json and .safetensors files.`,
    ),
  unsupportedArchitecture: (path: string, found: string) =>
    new HearthError(
      'unsupportedArchitecture',
      phrase`${path} holds a model of architecture "${found}", which Hearth does not run.`,
      phrase`Choose a Qwen3-Next, Qwen3.5, Qwen3.6 or Qwen3.8-27B model.`,
    ),
  missingTensor: (path: PhraseValue, tensor: string) =>
    new HearthError(
      'missingTensor',
      phrase`${path} lacks the tensor "${tensor}".`,
      phrase`The file is incomplete: fetch it again, or choose another model.`,
    ),
  badWeights: (path: PhraseValue, why: Phrase) =>
    new HearthError(
      'badWeights',
      phrase`The weights in ${path} are not usable: ${why}.`,
      phrase`The file is damaged: fetch it again.`,
    ),
  badTokenizer: (path: string, why: Phrase) =>
    new HearthError(
      'badTokenizer',
      phrase`The tokenizer of ${path} cannot be used: ${why}.`,
      phrase`Use a model file with its own tokenizer.`,
    ),
  contextFull: (needTokens: number, maxTokens: number) =>
    new HearthError(
      'contextFull',
      phrase`The prompt has ${needTokens} tokens, more than the context of ${maxTokens}.`,
      phrase`Start a new chat, leave out the workspace, or raise "hearth.context.maxTokens".`,
    ),
  badSnapshot: (why: Phrase) =>
    new HearthError(
      'badSnapshot',
      phrase`The saved state of a conversation cannot be used: ${why}.`,
      phrase`Nothing is lost but time: the conversation is read again.`,
    ),
  badUsage: (why: Phrase) => new HearthError('badUsage', why),
  verifyFailed: (fixture: string, what: PhraseValue) =>
    new HearthError(
      'verifyFailed',
      phrase`What this device computes does not agree with the reference ${fixture}: ${what}.`,
      phrase`The table names what is too far off. Update the GPU driver; if it stays so, report the table.`,
    ),
  fileUnwritable: (path: string, cause: unknown) =>
    new HearthError(
      'fileUnwritable',
      phrase`Cannot write ${path}: ${whyOf(cause)}`,
      phrase`Check that the folder may be written, or choose another one with "hearth.models.directory".`,
      { cause },
    ),
};
