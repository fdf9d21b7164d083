// The contract between the chat page and the extension host. Imports nothing; the page knows no engine type.

export interface SourceView {
  label: string;
  path: string;
  uri: string;
  /** 1-based. */
  startLine: number;
  endLine: number;
  cited: boolean;
}
export interface FailureView {
  message: string;
  remedy: string;
  /** Buttons offered beside the message. */
  actions: PanelAction[];
}
/** What a button beside a failure can do. */
export const panelActions = [
  'retry',
  'openLog',
  'openSettings',
  'chooseModel',
  'restartEngine',
  'ingestWorkspace',
  'newChat',
] as const;
export type PanelAction = (typeof panelActions)[number];

export interface StatsView {
  /** Absent for an answer of one token: nothing was measured. */
  tokensPerSecond?: number;
  generatedTokens: number;
  promptTokens: number;
  reusedTokens: number;
  firstTokenMs: number;
  /** How long the question waited for the model to be loaded, where it was not. */
  modelWaitMs?: number;
}
/** What the model thought before it answered. */
export interface ThoughtView {
  text: string;
  /** Date.now() of the first word. */
  startedAt: number;
  /** How long it took; absent while it goes on. */
  tookMs?: number;
}
/** What else was asked or answered at the same place: `ids` in the order in which they were begun, of which `index` is shown. */
export interface BranchView {
  ids: string[];
  index: number;
  /** Given by the user. */
  name?: string;
}
export type Turn =
  | {
      id: string;
      role: 'user';
      text: string;
      useWorkspace: boolean;
      /** What the model got beside the text, and what is to be known of it: a line each. */
      notes?: string[];
      branch?: BranchView;
    }
  /** What was said before, in short; `of` ends the branch for which it stands. */
  | { id: string; role: 'summary'; text: string; of: string }
  | {
      id: string;
      role: 'assistant';
      branch?: BranchView;
      text: string;
      thinking?: ThoughtView;
      status: 'waiting' | 'reading' | 'streaming' | 'done' | 'stopped' | 'interrupted' | 'failed';
      /** Prompt tokens read so far, while status is 'reading'. */
      reading?: { done: number; total: number };
      sources: SourceView[];
      leftOut: { path: string; reason: string }[];
      stats?: StatsView;
      failure?: FailureView;
      /** Why the answer was cut, if it was: its own limit, a full context, or the model repeating itself. */
      cut?: 'length' | 'context' | 'repetition';
    };
export type AssistantTurn = Extract<Turn, { role: 'assistant' }>;

export interface KernelsView {
  done: number;
  total: number;
}
export interface EngineView {
  /** 'resting': it ran, and the GPU was given back. */
  state: 'stopped' | 'resting' | 'starting' | 'loading' | 'ready' | 'restarting' | 'failed';
  modelName: string;
  /** True: the model was made for more than text, and only its text part is used. */
  textOnly: boolean;
  /** What the user should know of the model that is ready. */
  note?: string;
  deviceName: string;
  /** True: a CPU stands in for the GPU. */
  software: boolean;
  /** While state is 'loading'; absent before anything has begun. */
  loadStage?: 'reading' | 'uploading' | 'compiling';
  /** 0…1 while state is 'loading', below 1 as long as anything is to come. */
  loadFraction?: number;
  /** How many kernels are compiled, while some are not: those that a first answer needs, or when 'ready' all others. */
  kernels?: KernelsView;
  failure?: FailureView;
}
export interface WorkspaceView {
  /** Undefined: no folder is open. */
  name?: string;
  state: 'none' | 'reading' | 'ready' | 'failed';
  fileCount: number;
  includedCount: number;
  leftOut: { path: string; reason: string }[];
  blockTokens: number;
  budgetTokens: number;
  /** A question that these files can answer, to begin with. */
  sampleQuestion?: string;
}
export interface ContextMeter {
  usedTokens: number;
  maxTokens: number;
  bound?: ContextBound;
}
/** Why a context is shorter than the model's own: the user's setting, or what fits this machine. */
export interface ContextBound {
  by: 'setting' | 'machine';
  /** Tokens the model was made for. */
  modelTokens?: number;
}
/** A failure on the model page. */
export interface ProblemView {
  message: string;
  remedy: string;
}
/** Whether a model runs here. Every figure is a prediction and is shown as one. */
export interface FitView {
  verdict: 'fits' | 'fits-short-context' | 'does-not-fit' | 'unknown';
  why: string;
  /** Device memory at several context lengths, short to long; those with `yarn` are longer than the model was made for. */
  memory: { contextTokens: number; bytes: number; fits?: boolean; yarn: boolean }[];
  bytesPerToken: number;
  tokensPerSecond?: { low: number; high: number };
  /** Some sizes are estimates. */
  rough: boolean;
  diskFits?: boolean;
}
/** What exactly a model is made of. A hash is there where the hub has named it. */
export interface FilesView {
  /** The whole name of the commit. */
  revision?: string;
  licence?: string;
  files: { name: string; bytes: number; sha256?: string }[];
}
/** One download of a model: the same weights in one storage type. */
export interface VariantView {
  /** Storage type, e.g. "Q4_K_M"; names the variant in messages. */
  label: string;
  /** Size of the download; 0 when nothing is known of it. */
  bytes: number;
  /** False: `bytes` is an estimate. */
  bytesKnown: boolean;
  fit?: FitView;
  state: 'available' | 'arriving' | 'installed' | 'current' | 'unusable';
  /** Set when installed or current. */
  modelId?: string;
  /** Where the hub has been asked. */
  files?: FilesView;
}
export interface CatalogueView {
  id: string;
  name: string;
  description: string;
  goodAt: string[];
  licence: string;
  contextTokens: number;
  /** Longer, with YaRN. */
  contextTokensMax?: number;
  /** Made for more than text; only the text part is used. */
  textOnly: boolean;
  repository: string;
  /** The largest that this machine runs well. */
  recommended: boolean;
  /** Label of the variant shown first. */
  offered: string;
  variants: VariantView[];
}
export interface InstalledView {
  id: string;
  name: string;
  /** Where it came from or lies. */
  origin: string;
  bytes: number;
  current: boolean;
  /** 'delete' removes files, 'forget' only the entry. */
  removal: 'delete' | 'forget' | 'none';
  fit?: FitView;
  /** The context it is loaded with, when that is bounded. */
  context?: { tokens: number; bound: ContextBound };
  verifying?: { bytesDone: number; bytesTotal: number };
  /** What the last check found, in this session. */
  checked?: { ok: boolean; text: string };
  files: FilesView;
}
export interface DownloadView {
  id: string;
  kind: 'download' | 'import';
  name: string;
  /** Repository and commit. */
  origin: string;
  phase: 'queued' | 'running' | 'paused' | 'verifying' | 'done' | 'failed';
  bytesTotal: number;
  bytesDone: number;
  bytesVerified: number;
  bytesPerSecond?: number;
  secondsLeft?: number;
  notice?: string;
  problem?: ProblemView;
  /** A token may help. */
  needsToken: boolean;
  /** Set when done and still there. */
  modelId?: string;
  /** Once the hub or the folder has been asked. */
  files?: FilesView;
}
/** What was asked of the hub about one repository. */
export interface LookUpView {
  state: 'idle' | 'asking' | 'found' | 'failed';
  reference: string;
  /** `owner/name at commit`, licence and other facts, when found. */
  title: string;
  notes: string[];
  variants: VariantView[];
  problem?: ProblemView;
  needsToken: boolean;
}
/** The model page. */
export interface ModelsView {
  /** One line about this machine. */
  device: string;
  /** Where models are kept, and how much room there is. */
  storage: string;
  hasToken: boolean;
  installed: InstalledView[];
  catalogue: CatalogueView[];
  downloads: DownloadView[];
  lookUp: LookUpView;
  /** The last thing that went wrong. */
  problem?: ProblemView;
}
export type ModelsAction =
  | { kind: 'close' }
  | { kind: 'use'; modelId: string }
  | { kind: 'verify'; modelId: string }
  | { kind: 'reveal'; modelId: string }
  | { kind: 'remove'; modelId: string }
  | { kind: 'download'; entryId: string; label: string }
  | { kind: 'downloadFound'; label: string }
  | { kind: 'pause'; downloadId: string }
  | { kind: 'resume'; downloadId: string }
  | { kind: 'cancel'; downloadId: string }
  | { kind: 'lookUp'; reference: string }
  | { kind: 'addFile' }
  | { kind: 'addFolder' }
  | { kind: 'importFolder' }
  | { kind: 'token' }
  | { kind: 'folderSetting' }
  | { kind: 'dismissProblem' };
/** What can be asked by its name after a slash. */
export interface CommandView {
  /** Without the slash. */
  name: string;
  description: string;
  /** What may follow the name. */
  hint?: string;
  /** Its own, or made by the user as a file. */
  source: 'own' | 'promptFile';
}
export interface CommandsView {
  commands: CommandView[];
  /** Why commands are missing, if some are. */
  note?: string;
}
/** The conversation that is shown. */
export interface ConversationView {
  id: string;
  /** '' before its first question. */
  title: string;
  pinned: boolean;
}
/** A question that waits until the running answer has ended. */
export interface QueuedView {
  id: string;
  text: string;
}
/** A block of code of an answer, with what the answer says of where it belongs. */
export interface CodeFromAnswer {
  code: string;
  /** In lower case; '' when the fence does not name one. */
  language: string;
  /** The path behind the fence. */
  path?: string;
  /** The paragraph before the block. */
  before?: string;
}
export interface PanelState {
  conversation: ConversationView;
  turns: Turn[];
  queue: QueuedView[];
  busy: boolean;
  engine: EngineView;
  workspace: WorkspaceView;
  meter: ContextMeter;
  useWorkspace: boolean;
  commands: CommandsView;
  /** Set while the model page is open; the chat is behind it. */
  models?: ModelsView;
}

export type ToPanel =
  | { type: 'snapshot'; state: PanelState }
  | { type: 'turn'; turn: Turn }
  /** Another branch of the conversation is shown. */
  | { type: 'turns'; turns: Turn[] }
  | { type: 'conversation'; conversation: ConversationView }
  | { type: 'queue'; queue: QueuedView[] }
  /** A summary to use instead of what was said so far, which the user may change first; without a text there is none. */
  | { type: 'summary'; text?: string }
  | { type: 'delta'; turnId: string; text: string }
  | { type: 'thinking'; turnId: string; text: string; startedAt: number }
  | { type: 'reading'; turnId: string; done: number; total: number }
  | { type: 'busy'; busy: boolean }
  | { type: 'engine'; engine: EngineView }
  | { type: 'workspace'; workspace: WorkspaceView }
  | { type: 'meter'; meter: ContextMeter }
  | { type: 'models'; models?: ModelsView }
  | { type: 'commands'; commands: CommandsView }
  | { type: 'focusInput' }
  | { type: 'setInput'; text: string; useWorkspace: boolean };

export type FromPanel =
  | { type: 'ready' }
  | { type: 'submit'; text: string; useWorkspace: boolean }
  | { type: 'stop' }
  | { type: 'newChat' }
  | { type: 'history' }
  /** Asks something else in place of an earlier question. */
  | { type: 'edit'; turnId: string; text: string; useWorkspace: boolean }
  /** Shows the branch through this turn. */
  | { type: 'switchBranch'; turnId: string }
  | { type: 'nameBranch'; turnId: string }
  /** Compares the shown branch with the one through this turn. */
  | { type: 'compareBranch'; turnId: string }
  | { type: 'queued'; action: 'send' | 'edit' | 'remove'; queuedId: string }
  | { type: 'summarise' }
  | { type: 'compact'; text: string }
  | { type: 'models'; action: ModelsAction }
  | { type: 'copyCode'; code: string }
  | ({ type: 'insertCode' } & CodeFromAnswer)
  | ({ type: 'applyCode' } & CodeFromAnswer)
  | ({ type: 'newFile' } & CodeFromAnswer)
  | ({ type: 'runInTerminal' } & CodeFromAnswer)
  | { type: 'openSource'; uri: string; startLine: number; endLine: number }
  | { type: 'openLink'; href: string }
  | { type: 'action'; action: PanelAction; turnId?: string };
