// What the model page sees of models: catalogue rows, installed models, advice, downloads. Types only; all of them are plain
// data that may cross postMessage. Times are ISO 8601 texts, sizes are bytes.
import type { EngineErrorName } from '../../engine/protocol/errors.ts';

/** What a model does well. */
export type GoodAt = 'chat' | 'completion' | 'thinking';

/** Sizes of the network, from which memory and work are computed (arithmetic.ts). */
export interface ModelShape {
  layers: number;
  /** Layers with gated attention; the others are DeltaNet. */
  attentionLayers: number;
  hidden: number;
  vocabulary: number;
  /** True: the head is the embedding matrix. */
  tied: boolean;
  heads: number;
  kvHeads: number;
  headDim: number;
  linearKeyHeads: number;
  linearValueHeads: number;
  linearKeyDim: number;
  linearValueDim: number;
  convKernel: number;
  /** Width of the dense MLP; 0 when every layer has experts. */
  denseFf: number;
  /** All 0 when there are no experts. */
  experts: number;
  expertsPerToken: number;
  expertFf: number;
  sharedExpertFf: number;
  /** Multi-token-prediction blocks in the files; absent: not known, then room is left for one. */
  mtpLayers?: number;
}

/** One download of a catalogue row: the same model in one storage type. */
export interface CatalogueVariant {
  /** Unique within the row; the usual name of the storage type, e.g. "Q4_K_M" or "BF16". */
  quantization: string;
  /** Names of files in the repository; `*` stands for any characters. The hub decides what they match. */
  files: string[];
  /** Size of the download, when it is known without asking the hub. */
  bytes?: number;
  /** SHA-256 by file name, when known; a download that differs is refused. */
  sha256?: Record<string, string>;
}

/** A row of media/catalogue.json. */
export interface CatalogueEntry {
  id: string;
  name: string;
  /** One or two sentences for the user. */
  description: string;
  /** `owner/name` on the hub; absent for the model that comes with Hearth. */
  repository?: string;
  /** Commit that is downloaded; absent: the newest one, pinned when the download starts. */
  revision?: string;
  variants: CatalogueVariant[];
  /** The variant offered first. */
  defaultVariant: string;
  /** SPDX name, as on the model's card. */
  licence: string;
  architecture: 'qwen3_next' | 'qwen3_5' | 'qwen3_5_moe';
  contextTokens: number;
  /** Longest context that YaRN allows, when the model's card speaks of it. */
  contextTokensYarn?: number;
  goodAt: GoodAt[];
  /** The model was made for more than text; Hearth uses its text part. */
  textOnly?: boolean;
  shape: ModelShape;
  /** Some sizes in `shape` come from secondary sources, so figures computed from it are rough. */
  shapeUnconfirmed?: boolean;
}

/** Where a model came from. */
export type ModelOrigin =
  | { kind: 'hub'; repository: string; revision: string; entryId?: string; quantization?: string }
  | { kind: 'folder'; path: string }
  | { kind: 'file' }
  | { kind: 'embedded' };

/** A file of a model; its name may hold folders of the repository. The hash is there where somebody has named it. */
export interface FileFacts {
  name: string;
  bytes: number;
  sha256?: string;
}

export interface InstalledFile extends FileFacts {
  /** True: `sha256` is what the hub named and the file was found to have it. */
  fromHub: boolean;
}

/** A model that may be chosen now: whole and on disk. */
export interface InstalledModel {
  id: string;
  name: string;
  /** The value for the setting "hearth.model.path": a .gguf file (the first part) or a folder. Empty: the embedded model. */
  path: string;
  bytes: number;
  origin: ModelOrigin;
  files: InstalledFile[];
  addedAt: string;
  /** When its hashes were last found right. */
  verifiedAt?: string;
  licence?: string;
  /** In Hearth's own folder: `delete` removes the files. Otherwise it only forgets them. */
  managed: boolean;
  /** Known shape, for advice about it; some of it may be guessed. */
  shape?: ModelShape;
  shapeUnconfirmed?: boolean;
  contextTokens?: number;
}

/** What the engine knows of the GPU; see its device probe. Unknown parts are absent. */
export interface DeviceProbe {
  adapterName: string;
  /** A CPU implementation: correct but slow. */
  software: boolean;
  maxBufferBytes: number;
  storageBindingBytesMax: number;
  /** What could be allocated in a bounded trial; a lower bound when the trial hit its own cap. */
  allocatableBytes?: number;
  allocatableIsLowerBound?: boolean;
  /** Measured. */
  bandwidthBytesPerSecond?: number;
}

/** Probe and host together: all that advice depends on. */
export interface DeviceFacts {
  /** Absent until the engine has looked at the GPU. */
  probe?: DeviceProbe;
  diskFreeBytes?: number;
  hostMemoryBytes: number;
  hostMemoryFreeBytes: number;
  loading?: LoadingChoices;
}

/** What the settings make of every model: a stretched context, and plain types rounded while they load. */
export interface LoadingChoices {
  yarnFactor?: number;
  roundTo?: 'Q8_0' | 'Q4_0';
}

export type FitVerdict = 'fits' | 'fits-short-context' | 'does-not-fit' | 'unknown';

/** Advice about one variant. Every figure is a prediction from sizes and a measured bandwidth, and must be shown as one. */
export interface FitAdvice {
  verdict: FitVerdict;
  /** One sentence for the user: the reason of the verdict. */
  why: string;
  /** The model's own length of context, or what the settings stretch it to. */
  contextTokens: number;
  /** Tokens of context that fit; 0 when the model does not fit. */
  contextTokensMax: number;
  weightBytes: number;
  /** Device memory at several context lengths, short to long: up to the model's own, then those that need YaRN. */
  bytesNeeded: { contextTokens: number; bytes: number; fits: boolean | undefined; yarn: boolean }[];
  /** Read and written for one token of an answer, at a context of `bytesPerTokenContext`. */
  bytesPerToken: number;
  bytesPerTokenContext: number;
  /** Absent without a measured bandwidth or when it does not fit. */
  tokensPerSecond?: { low: number; high: number };
  /** Weights or sizes are estimates (unconfirmed shape, size not yet asked from the hub). */
  rough: boolean;
  /** False: there is not enough free disk for the download. */
  diskFits: boolean | undefined;
}

export interface VariantAdvice {
  entryId: string;
  quantization: string;
  advice: FitAdvice;
}

/** Advice about all that the page lists. */
export interface MachineAdvice {
  variants: VariantAdvice[];
  /** Only of models whose shape is known. */
  installed: { modelId: string; advice: FitAdvice }[];
}

/** What to fetch: a variant of a catalogue row, or files of any repository. */
export type DownloadChoice =
  | { kind: 'catalogue'; entryId: string; quantization: string }
  | { kind: 'repository'; repository: string; revision?: string; files: string[]; label: string };

/** Files that belong together in some repository: the parts of one GGUF, or a safetensors folder. */
export interface RepositoryChoice {
  /** E.g. "Q4_K_M" or "safetensors". */
  label: string;
  files: FileFacts[];
  bytes: number;
  advice?: FitAdvice;
}

/** What the hub says about a repository. */
export interface RepositoryFacts {
  repository: string;
  /** The commit that `main` (or the asked revision) is now. */
  revision: string;
  licence?: string;
  gated: boolean;
  /** Its models were made for more than text; Hearth uses their text part. */
  textOnly: boolean;
  /** Set when its config.json names an architecture that Hearth does not run; downloading it is no use. */
  unsupportedArchitecture?: string;
  choices: RepositoryChoice[];
}

/** An EngineError as plain data. */
export interface ModelProblem {
  code: EngineErrorName;
  message: string;
  remedy: string;
}

export type DownloadPhase = 'queued' | 'running' | 'paused' | 'verifying' | 'done' | 'failed';

/** One download or import, from the click until it is installed or given up. */
export interface DownloadState {
  id: string;
  kind: 'download' | 'import';
  name: string;
  choice?: DownloadChoice;
  repository?: string;
  /** The pinned commit and the licence, once the hub has named them. */
  revision?: string;
  licence?: string;
  /** With the hashes that the hub has named; empty while it has not been asked. */
  files: FileFacts[];
  phase: DownloadPhase;
  /** 0 while the hub has not been asked. */
  bytesTotal: number;
  bytesDone: number;
  /** While verifying: bytes hashed. */
  bytesVerified: number;
  bytesPerSecond?: number;
  secondsLeft?: number;
  /** What happened meanwhile that the user should know, e.g. "The files changed on the hub; started again." */
  notice?: string;
  error?: ModelProblem;
  /** Set when done. */
  installedId?: string;
}

/** Result of checking a model's files again. */
export interface VerifyResult {
  ok: boolean;
  /** One per file that is missing or differs. */
  problems: { file: string; what: string }[];
  /** Files without a known hash: only their size was compared. */
  withoutHash: string[];
}

/** All that the page shows; sent whole on every change. */
export interface LibraryState {
  installed: InstalledModel[];
  downloads: DownloadState[];
  /** Models being verified now, by id. */
  verifying: { id: string; bytesDone: number; bytesTotal: number }[];
}

/** What the page and the commands call; made by `new ModelLibrary(…)` in library.ts. Failures are rejections with EngineError. */
export interface Library {
  readonly state: LibraryState;
  /** Fires at most a few times a second while something is under way. Returns how to stop listening. */
  onDidChange(listener: (state: LibraryState) => void): { dispose(): void };
  /** Reads the disk once and takes up downloads of earlier sessions as paused. Call first. */
  open(): Promise<void>;
  catalogue(): CatalogueEntry[];
  list(): InstalledModel[];
  /** Advice about the catalogue and what is installed. */
  advise(probe: DeviceProbe | undefined): Promise<MachineAdvice>;
  /** Asks the hub what a repository holds; `reference` is `owner/name`, with or without `@revision`, or its page's address. */
  lookUp(reference: string, probe: DeviceProbe | undefined, signal?: AbortSignal): Promise<RepositoryFacts>;
  /** Queues a download and returns its id at once; what follows arrives in `state.downloads`. */
  download(choice: DownloadChoice): Promise<string>;
  pause(downloadId: string): Promise<void>;
  /** Continues a paused or failed download. */
  resume(downloadId: string): Promise<void>;
  /** Ends it and removes what was fetched; also clears a finished or failed entry. */
  cancel(downloadId: string): Promise<void>;
  /** Copies a model from a folder (e.g. a USB disk) into Hearth's own, checked; returns the id in `state.downloads`. */
  importFolder(path: string): Promise<string>;
  /** Uses a .gguf file or safetensors folder where it is. */
  addFile(path: string): Promise<InstalledModel>;
  verify(modelId: string): Promise<VerifyResult>;
  /** Removes a model of Hearth's own folder from disk; forgets any other. */
  delete(modelId: string): Promise<void>;
  /** What to reveal in the file manager. */
  revealPath(modelId: string): string;
  /** Stops what is under way, keeping what was fetched. Await it in `deactivate`. */
  close(): Promise<void>;
}
