// Every failure of Hearth: one list of codes, one class, and the factories of what fails in the engine. What fails in the extension alone
// has its factories there (errors.ts in its rooms).
// Pure: no I/O. Crosses the wire through toWire/fromWire.
import { ResponseError } from 'vscode-jsonrpc';

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

/** A named failure. `message` names the cause, `remedy` what the user can do about it. */
export class HearthError extends Error {
  override readonly name = 'HearthError';
  constructor(
    readonly code: HearthErrorName,
    message: string,
    readonly remedy: string = '',
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

export interface WireErrorData {
  code: HearthErrorName;
  remedy: string;
}

/** HearthError -> JSON-RPC error; anything else becomes `internal`. */
export function toWire(error: unknown): ResponseError<WireErrorData> {
  const known = error instanceof HearthError ? error : errors.internal(error);
  return new ResponseError(errorCodes[known.code], known.message, {
    code: known.code,
    remedy: known.remedy,
  });
}

/** JSON-RPC error -> HearthError. Unknown shapes become `internal`. */
export function fromWire(error: unknown): HearthError {
  if (error instanceof HearthError) return error;
  if (error instanceof ResponseError) {
    const data = error.data as Partial<WireErrorData> | undefined;
    if (data && typeof data.code === 'string' && data.code in errorCodes)
      return new HearthError(data.code, error.message, data.remedy ?? '');
  }
  return errors.internal(error);
}

/** The message of whatever was thrown. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** One factory per case of the engine's, and of what both programs can meet. */
export const errors = {
  badParams: (what: string) =>
    new HearthError(
      'badParams',
      `The request is malformed: ${what}.`,
      'Update Hearth: extension and engine do not match.',
    ),
  notInitialized: () =>
    new HearthError('notInitialized', 'The engine is not initialized yet.', 'Wait a moment and try again.'),
  loadCancelled: () =>
    new HearthError(
      'loadCancelled',
      'Loading the model was cancelled.',
      'Restart the engine to load it, or choose another model.',
    ),
  noModel: () =>
    new HearthError(
      'noModel',
      'No model is loaded.',
      'Choose a model with the command "Hearth: Choose Model".',
    ),
  internal: (cause: unknown) =>
    new HearthError(
      'internal',
      `Unexpected engine error: ${reasonOf(cause)}`,
      'Open the Hearth log and report this.',
      { cause },
    ),
  noAdapter: (detail: string) =>
    new HearthError(
      'noAdapter',
      `No usable GPU adapter was found${detail ? `: ${detail}` : '.'}`,
      'Install a GPU driver with Vulkan, Metal or Direct3D 12; on Linux without a GPU install Mesa 23 or newer (mesa-vulkan-drivers).',
    ),
  deviceSelfTestFailed: (detail: string) =>
    new HearthError(
      'deviceSelfTestFailed',
      `The GPU self-test failed: ${detail}`,
      'Update the GPU driver, or set "hearth.engine.nodePath" to a Node.js 22 or newer.',
    ),
  limitTooSmall: (limit: string, have: number, need: number) =>
    new HearthError(
      'limitTooSmall',
      `The GPU allows ${limit} = ${have}, but this model needs ${need}.`,
      'Choose a smaller model or a shorter context.',
    ),
  deviceLost: (detail: string) =>
    new HearthError(
      'deviceLost',
      `The GPU device was lost: ${detail}`,
      'The engine is being restarted. If it happens again, update the GPU driver.',
    ),
  gpuError: (detail: string) =>
    new HearthError(
      'gpuError',
      `The GPU reported an error: ${detail}`,
      'Open the Hearth log and report this.',
    ),
  outOfDeviceMemory: (detail: string) =>
    new HearthError(
      'outOfDeviceMemory',
      `The GPU is out of memory: ${detail}`,
      'Choose a smaller model, or lower "hearth.context.maxTokens".',
    ),
  fileUnreadable: (path: string, cause: unknown) =>
    new HearthError(
      'fileUnreadable',
      `Cannot read ${path}: ${reasonOf(cause)}`,
      'Check that the path exists and may be read.',
      { cause },
    ),
  badCheckpoint: (path: string, why: string) =>
    new HearthError(
      'badCheckpoint',
      `${path} is not a usable model file: ${why}.`,
      'Fetch the file again, or choose another model.',
    ),
  unsupportedArchitecture: (path: string, found: string) =>
    new HearthError(
      'unsupportedArchitecture',
      `${path} holds a model of architecture "${found}", which Hearth does not run.`,
      'Choose a Qwen3-Next, Qwen3.5 or Qwen3.6 model.',
    ),
  missingTensor: (path: string, tensor: string) =>
    new HearthError(
      'missingTensor',
      `${path} lacks the tensor "${tensor}".`,
      'The file is incomplete: fetch it again, or choose another model.',
    ),
  badWeights: (path: string, why: string) =>
    new HearthError(
      'badWeights',
      `The weights in ${path} are not usable: ${why}.`,
      'The file is damaged: fetch it again.',
    ),
  badTokenizer: (path: string, why: string) =>
    new HearthError(
      'badTokenizer',
      `The tokenizer of ${path} cannot be used: ${why}.`,
      'Use a model file with its own tokenizer.',
    ),
  contextFull: (needTokens: number, maxTokens: number) =>
    new HearthError(
      'contextFull',
      `The prompt has ${needTokens} tokens, more than the context of ${maxTokens}.`,
      'Start a new chat, leave out the workspace, or raise "hearth.context.maxTokens".',
    ),
  badSnapshot: (why: string) =>
    new HearthError(
      'badSnapshot',
      `The saved state of a conversation cannot be used: ${why}.`,
      'Nothing is lost but time: the conversation is read again.',
    ),
  badUsage: (why: string) => new HearthError('badUsage', why, ''),
  verifyFailed: (fixture: string, what: string) =>
    new HearthError(
      'verifyFailed',
      `What this device computes does not agree with the reference ${fixture}: ${what}.`,
      'The table names what is too far off. Update the GPU driver; if it stays so, report the table.',
    ),
  fileUnwritable: (path: string, cause: unknown) =>
    new HearthError(
      'fileUnwritable',
      `Cannot write ${path}: ${reasonOf(cause)}`,
      'Check that the folder may be written, or choose another one with "hearth.models.directory".',
      { cause },
    ),
};
