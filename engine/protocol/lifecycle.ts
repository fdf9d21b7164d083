// initialize, shutdown, model/load, engine/state: the life of the engine process and of its one model.
import { NotificationType, ProgressType, RequestType, RequestType0 } from 'vscode-jsonrpc';
import type { WireErrorData } from './errors.ts';
import type { Phrase } from './phrase.ts';

/** Raised whenever a request or result changes shape. */
export const protocolVersion = 7;

export interface InitializeParams {
  protocolVersion: number;
  clientName: string;
  clientVersion: string;
}
/** What the GPU is, as asked from the adapter. */
export interface DeviceFacts {
  name: string;
  /** With its version, as it calls itself. */
  driver: string;
  vendor: string;
  architecture: string;
  backend: string;
  /** True for a CPU implementation such as lavapipe: correct but slow. */
  software: boolean;
  features: string[];
  limits: Record<string, number>;
}
/** A GPU of the machine, and what it is reached through: vulkan, metal, d3d12. */
export interface AdapterName {
  name: string;
  backend: string;
}
export interface InitializeResult {
  protocolVersion: number;
  engineVersion: string;
  pid: number;
  device: DeviceFacts;
}
/** Opens the GPU (map-and-read-back self-test first). No model yet. */
export const initialize = new RequestType<InitializeParams, InitializeResult, WireErrorData>(
  'engine/initialize',
);

/** What a model may take of the device; unknown parts are absent. */
export interface DeviceProbe {
  /** Memory for a model and its context, when the one that is loaded has gone; some is left for others. */
  allocatableBytes?: number;
  /** The trial ended at its own bound, or none could be made. */
  allocatableIsLowerBound: boolean;
  /** Measured by copies, reading and writing counted. */
  bandwidthBytesPerSecond?: number;
}
/** Measured once, as soon as nothing else runs on the device; later calls get the same. */
export const probeDevice = new RequestType0<DeviceProbe, WireErrorData>('device/probe');

/** Frees the model and the device; the process ends when its input ends. */
export const shutdown = new RequestType0<null, WireErrorData>('engine/shutdown');

export interface LoadModelParams {
  /** A .gguf file or a safetensors directory. */
  path: string;
  /** Upper bound of the context in tokens; the model's own length bounds it too. 0 = the model's own. */
  contextTokensMax: number;
  /** Stretches the model's own length by a static YaRN factor, 1 … yarnFactorMax; unset: as its file says. */
  yarnFactor?: number;
  /** Rounds the large matrices of a model that is stored in plain types; unset: as they are stored. */
  quantize?: QuantizedType;
}
/** 8 or 4 bits with a scale for 32 neighbours. */
export type QuantizedType = 'Q8_0' | 'Q4_0';
/** How a model's chat template lets it think before it answers. */
export interface ThinkingFacts {
  /**
   * 'always' and 'never': whatever is asked, a thought is opened or none is (a model may open one by itself all the same); 'choice':
   * `think` of chat/send chooses.
   */
  mode: 'never' | 'always' | 'choice';
  /** Whether a thought is opened while `think` is unset. */
  byDefault: boolean;
  /** What `effort` of chat/send takes, least first; empty where the template has no such switch. */
  efforts: string[];
  /** The one of them that an unset `effort` stands for, if it is one. */
  defaultEffort?: string;
}
export interface ModelFacts {
  path: string;
  /** File or folder name without extension. */
  name: string;
  /** Most frequent storage type by bytes, e.g. "Q8_0". */
  quantization: string;
  /** Tokens the model itself allows, and tokens in force. */
  contextTokensTrained: number;
  contextTokensMax: number;
  /** The checkpoint was made for more than text (pictures, say); only its text part is loaded. */
  textOnly: boolean;
  /** True when the vocabulary has the fill-in-the-middle tokens. */
  canComplete: boolean;
  thinking: ThinkingFacts;
  /** Why the model's own chat template is not used, but the form of its family; answers may suffer from it. */
  templateFault?: Phrase;
  /** What the self-check found that the device computes wrongly, by its name: answers may be nonsense. */
  deviceFault?: Phrase;
  loadMs: number;
}
export interface LoadProgress {
  stage: 'reading' | 'uploading' | 'compiling';
  doneBytes: number;
  totalBytes: number;
  /** While compiling: of the kernels that the first answer needs. */
  kernels?: KernelProgress;
}
/** How many kernels are compiled, of how many. */
export interface KernelProgress {
  done: number;
  total: number;
}
export const LoadProgressType = new ProgressType<LoadProgress>();
/** Progress of model/load, keyed by LoadModelParams.progressToken. */
export interface LoadModelRequest extends LoadModelParams {
  progressToken: string;
}
/** Frees the old model, loads the new one. Conversations belong to the client and are kept there. */
export const loadModel = new RequestType<LoadModelRequest, ModelFacts, WireErrorData>('model/load');

export interface EngineStatus {
  state: 'idle' | 'loading' | 'ready' | 'failed';
  error?: WireErrorData;
  /** While ready: kernels that compile in the background, or that an answer waits for; absent when all are compiled. */
  compiling?: KernelProgress;
}
/** Engine -> client, whenever it changes (a lost device arrives here). */
export const engineStatus = new NotificationType<EngineStatus>('engine/state');
