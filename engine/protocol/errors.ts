// Every failure the engine can report: one code list, one class, one named factory per case.
// Pure: no I/O. Crosses the wire through toWire/fromWire.
import { ResponseError } from 'vscode-jsonrpc';

/** Codes lie outside JSON-RPC's reserved range (-32768 … -32000). */
export const engineErrorCodes = {
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

export type EngineErrorName = keyof typeof engineErrorCodes;

/** A named failure. `message` names the cause, `remedy` what the user can do about it. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  constructor(
    readonly code: EngineErrorName,
    message: string,
    readonly remedy: string = '',
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

export interface WireErrorData {
  code: EngineErrorName;
  remedy: string;
}

/** EngineError -> JSON-RPC error; anything else becomes `internal`. */
export function toWire(error: unknown): ResponseError<WireErrorData> {
  const known = error instanceof EngineError ? error : errors.internal(error);
  return new ResponseError(engineErrorCodes[known.code], known.message, {
    code: known.code,
    remedy: known.remedy,
  });
}

/** JSON-RPC error -> EngineError. Unknown shapes become `internal`. */
export function fromWire(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  if (error instanceof ResponseError) {
    const data = error.data as Partial<WireErrorData> | undefined;
    if (data && typeof data.code === 'string' && data.code in engineErrorCodes)
      return new EngineError(data.code, error.message, data.remedy ?? '');
  }
  return errors.internal(error);
}

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** One factory per case. */
export const errors = {
  badParams: (what: string) =>
    new EngineError(
      'badParams',
      `The request is malformed: ${what}.`,
      'Update Hearth: extension and engine do not match.',
    ),
  notInitialized: () =>
    new EngineError('notInitialized', 'The engine is not initialized yet.', 'Wait a moment and try again.'),
  loadCancelled: () =>
    new EngineError(
      'loadCancelled',
      'Loading the model was cancelled.',
      'Restart the engine to load it, or choose another model.',
    ),
  noModel: () =>
    new EngineError(
      'noModel',
      'No model is loaded.',
      'Choose a model with the command "Hearth: Choose Model".',
    ),
  internal: (cause: unknown) =>
    new EngineError(
      'internal',
      `Unexpected engine error: ${text(cause)}`,
      'Open the Hearth log and report this.',
      { cause },
    ),
  engineExited: (how: string) =>
    new EngineError(
      'engineExited',
      `The engine process ended (${how}).`,
      'It is being restarted; send the message again.',
    ),
  engineHung: (what: string, waitedMs: number) =>
    new EngineError(
      'engineHung',
      `The engine did not answer ${what} within ${Math.round(waitedMs / 1000)} s.`,
      'It is being restarted; try again.',
    ),
  engineGaveUp: (times: number, last: string) =>
    new EngineError(
      'engineGaveUp',
      `The engine failed ${times} times in a row. Last: ${last}`,
      'Look into the Hearth log, then use "Hearth: Restart Engine".',
    ),
  noRuntime: (detail: string) =>
    new EngineError(
      'noRuntime',
      `No usable Node.js was found to run the engine: ${detail}`,
      'Install Node.js 22 or newer, or set "hearth.engine.nodePath" to one.',
    ),
  noAdapter: (detail: string) =>
    new EngineError(
      'noAdapter',
      `No usable GPU adapter was found${detail ? `: ${detail}` : '.'}`,
      'Install a GPU driver with Vulkan, Metal or Direct3D 12; on Linux without a GPU install Mesa 23 or newer (mesa-vulkan-drivers).',
    ),
  deviceSelfTestFailed: (detail: string) =>
    new EngineError(
      'deviceSelfTestFailed',
      `The GPU self-test failed: ${detail}`,
      'Update the GPU driver, or set "hearth.engine.nodePath" to a Node.js 22 or newer.',
    ),
  limitTooSmall: (limit: string, have: number, need: number) =>
    new EngineError(
      'limitTooSmall',
      `The GPU allows ${limit} = ${have}, but this model needs ${need}.`,
      'Choose a smaller model or a shorter context.',
    ),
  deviceLost: (detail: string) =>
    new EngineError(
      'deviceLost',
      `The GPU device was lost: ${detail}`,
      'The engine is being restarted. If it happens again, update the GPU driver.',
    ),
  gpuError: (detail: string) =>
    new EngineError(
      'gpuError',
      `The GPU reported an error: ${detail}`,
      'Open the Hearth log and report this.',
    ),
  outOfDeviceMemory: (detail: string) =>
    new EngineError(
      'outOfDeviceMemory',
      `The GPU is out of memory: ${detail}`,
      'Choose a smaller model, or lower "hearth.context.maxTokens".',
    ),
  fileUnreadable: (path: string, cause: unknown) =>
    new EngineError(
      'fileUnreadable',
      `Cannot read ${path}: ${text(cause)}`,
      'Check that the path exists and may be read.',
      { cause },
    ),
  badCheckpoint: (path: string, why: string) =>
    new EngineError(
      'badCheckpoint',
      `${path} is not a usable model file: ${why}.`,
      'Fetch the file again, or choose another model.',
    ),
  unsupportedArchitecture: (path: string, found: string) =>
    new EngineError(
      'unsupportedArchitecture',
      `${path} holds a model of architecture "${found}", which Hearth does not run.`,
      'Choose a Qwen3-Next model.',
    ),
  missingTensor: (path: string, tensor: string) =>
    new EngineError(
      'missingTensor',
      `${path} lacks the tensor "${tensor}".`,
      'The file is incomplete: fetch it again, or choose another model.',
    ),
  badWeights: (path: string, why: string) =>
    new EngineError(
      'badWeights',
      `The weights in ${path} are not usable: ${why}.`,
      'The file is damaged: fetch it again.',
    ),
  badTokenizer: (path: string, why: string) =>
    new EngineError(
      'badTokenizer',
      `The tokenizer of ${path} cannot be used: ${why}.`,
      'Use a model file with its own tokenizer.',
    ),
  contextFull: (needTokens: number, maxTokens: number) =>
    new EngineError(
      'contextFull',
      `The prompt has ${needTokens} tokens, more than the context of ${maxTokens}.`,
      'Start a new chat, leave out the workspace, or raise "hearth.context.maxTokens".',
    ),
  messageTooLong: (chars: number, maxChars: number) =>
    new EngineError(
      'messageTooLong',
      `The message has ${chars} characters; at most ${maxChars} can be sent.`,
      'Shorten it, or put the text into a file of the workspace.',
    ),
  badSnapshot: (why: string) =>
    new EngineError(
      'badSnapshot',
      `The saved state of a conversation cannot be used: ${why}.`,
      'Nothing is lost but time: the conversation is read again.',
    ),
  badUsage: (why: string) => new EngineError('badUsage', why, ''),
  verifyFailed: (fixture: string, what: string) =>
    new EngineError(
      'verifyFailed',
      `What this device computes does not agree with the reference ${fixture}: ${what}.`,
      'The table names what is too far off. Update the GPU driver; if it stays so, report the table.',
    ),
  hubUnreachable: (host: string, cause: unknown) =>
    new EngineError(
      'hubUnreachable',
      `${host} cannot be reached: ${text(cause)}`,
      'Check the network, the proxy ("http.proxy") and its certificates, then resume. Without a network, import a model from a folder.',
      { cause },
    ),
  hubFailed: (host: string, what: string) =>
    new EngineError(
      'hubFailed',
      `${host} did not deliver: ${what}.`,
      'Wait a while and resume; what was fetched is kept.',
    ),
  hubAccessDenied: (repository: string, hasToken: boolean) =>
    new EngineError(
      'hubAccessDenied',
      `Access to ${repository} was refused${hasToken ? ' with the token that is set' : ''}.`,
      "Accept the licence on the model's page and set a token, then try again.",
    ),
  hubNotFound: (what: string) =>
    new EngineError(
      'hubNotFound',
      `${what} was not found.`,
      'Check the name; a private repository needs a token.',
    ),
  hashMismatch: (file: string, have: string, want: string) =>
    new EngineError(
      'hashMismatch',
      `${file} is not what was published: its hash is ${have}, but ${want} was expected.`,
      'Fetch it again. If it happens again, do not use this source.',
    ),
  notAModel: (what: string, why: string) =>
    new EngineError(
      'notAModel',
      `${what} is not a model that Hearth can use: ${why}.`,
      'Choose a .gguf file, or a folder with config.json, tokenizer.json and .safetensors files.',
    ),
  diskFull: (folder: string, needBytes: number, freeBytes: number | undefined) =>
    new EngineError(
      'diskFull',
      `There is not enough space in ${folder}: ${gigabytes(needBytes)} are needed${freeBytes === undefined ? '' : `, ${gigabytes(freeBytes)} are free`}.`,
      'Free some space, or choose another folder with "hearth.models.directory", then resume.',
    ),
  fileUnwritable: (path: string, cause: unknown) =>
    new EngineError(
      'fileUnwritable',
      `Cannot write ${path}: ${text(cause)}`,
      'Check that the folder may be written, or choose another one with "hearth.models.directory".',
      { cause },
    ),
  modelBusy: (name: string, why: string) =>
    new EngineError('modelBusy', `${name} ${why}.`, 'Wait until that is done, then try again.'),
};

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
