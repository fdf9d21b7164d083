// The contract between the chat page and the extension host. Imports nothing; the page knows no engine type.

export interface SourceView {
  label: string;
  path: string;
  uri: string;
  /** 1-based. */
  startLine: number;
  endLine: number;
  cited: boolean;
  /** How the model saw the file; unknown of old answers. */
  seen?: 'whole' | 'excerpt';
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
  /** Those of them that came from the disk. */
  diskTokens?: number;
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
  /** How long it is; absent where that was not counted. */
  tokens?: number;
  /** Why it ended before the model ended it. */
  cut?: 'answerNow' | 'budget';
}
/** What else was asked or answered at the same place: `ids` in the order in which they were begun, of which `index` is shown. */
export interface BranchView {
  ids: string[];
  index: number;
  /** Given by the user. */
  name?: string;
}
/** What can come with a question beside its words. */
export const attachmentKinds = [
  'file',
  'folder',
  'symbol',
  'selection',
  'problems',
  'changes',
  'terminal',
  'paste',
  'picture',
] as const;
export type AttachmentKind = (typeof attachmentKinds)[number];
/** Something that comes with a question. */
export interface AttachmentView {
  id: string;
  kind: AttachmentKind;
  label: string;
  /** Absent where nothing is counted, as of a picture. */
  tokens?: number;
  /** True: `tokens` is an estimate by the length of the text. */
  estimated?: boolean;
  /** What is to be known of it: sentences. */
  note?: string;
}
/** What will come with the next question. */
export interface DraftView {
  attachments: AttachmentView[];
  /** The file in the editor, which comes along unless the user drops it. */
  editor?: AttachmentView;
}
/** Something to attach. */
export type Attach =
  | { kind: 'selection' | 'problems' | 'changes' | 'terminal' }
  | { kind: 'file' | 'folder'; uri: string }
  | { kind: 'symbol'; uri: string; name: string; startLine: number; endLine: number }
  /** What was dropped from the editor: files or folders. */
  | { kind: 'places'; uris: string[] }
  | { kind: 'paste'; text: string }
  /** A file from elsewhere with its bytes in base64; those of a picture, of a folder or of a very large file are not handed over. */
  | { kind: 'content'; name: string; mimeType: string; bytes: number; data?: string };
/** What names in the workspace can be looked up for. */
export type PlaceKind = 'file' | 'folder' | 'symbol';
/** A place in the workspace that can be attached. */
export interface PlaceView {
  uri: string;
  label: string;
  /** What stands behind the label. */
  hint?: string;
  /** Of a symbol: its lines, 1-based and inclusive. */
  range?: { startLine: number; endLine: number };
}
export type Turn =
  | {
      id: string;
      role: 'user';
      text: string;
      useWorkspace: boolean;
      /** What the model got beside the text, and what is to be known of it: a line each. */
      notes?: string[];
      /** What the user has attached. */
      attachments?: AttachmentView[];
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
      /** How many files of the workspace the model saw, in words. */
      filesSeen: string;
      /** Files that it did not see whole, and how many more there are. */
      leftOut: { path: string; reason: string }[];
      leftOutMore: number;
      stats?: StatsView;
      failure?: FailureView;
      /** Why the answer was cut, if it was: its own limit, a full context, or the model repeating itself. */
      cut?: 'length' | 'context' | 'repetition';
      /** How it can go on, if it is the last one: where it was cut, from the user's words at its end, or repeating itself. */
      goOn?: 'continue' | 'fromUser' | 'anyway';
      /** The user has changed its words. */
      edited?: boolean;
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
  /** How many of them the model sees, in words, once they have been read. */
  filesSeen: string;
  /** Files that it does not see whole, and how many more there are. */
  leftOut: { path: string; reason: string }[];
  leftOutMore: number;
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
/** What a model leaves to choose of its thinking, and what is chosen. */
export interface ThinkingView {
  /** It can think or not. */
  canSwitch: boolean;
  think: boolean;
  /** How much it can think, least first; empty where that cannot be chosen. */
  efforts: string[];
  /** Absent: what the model takes by itself, which has no name. */
  effort?: string;
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
  /** It waits for the user: it waited when a window was closed, or did not fit when it was its turn. */
  held?: boolean;
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
/** A path that an answer names. */
export interface PathQuestion {
  path: string;
  /** Whether to look for the nearest real name if there is no such file. */
  near: boolean;
}
/** What the host knows of a path. 'unknown': nothing is to be said of it, such as of one outside the workspace. */
export interface PathView {
  /** As it was asked. */
  path: string;
  kind: 'file' | 'folder' | 'missing' | 'unknown';
  /** Its whole path in the workspace. */
  name?: string;
  /** In place of a name: so many files end with the path. */
  count?: number;
  /** The most alike name, if it is missing. */
  near?: string | undefined;
}
export interface PanelState {
  /** Absent where the model leaves nothing to choose. */
  thinking?: ThinkingView;
  conversation: ConversationView;
  turns: Turn[];
  queue: QueuedView[];
  busy: boolean;
  engine: EngineView;
  workspace: WorkspaceView;
  meter: ContextMeter;
  useWorkspace: boolean;
  commands: CommandsView;
  /** The editor can show Mermaid diagrams as pictures. */
  canPreviewDiagrams?: boolean;
  draft: DraftView;
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
  | { type: 'thinking'; turnId: string; text: string; startedAt: number; tokens?: number }
  | { type: 'reading'; turnId: string; done: number; total: number }
  | { type: 'busy'; busy: boolean }
  | { type: 'engine'; engine: EngineView }
  | { type: 'workspace'; workspace: WorkspaceView }
  | { type: 'meter'; meter: ContextMeter }
  | { type: 'models'; models?: ModelsView }
  | { type: 'commands'; commands: CommandsView }
  | { type: 'thinkingChoice'; thinking?: ThinkingView }
  | { type: 'diagrams'; canPreview: boolean }
  | { type: 'draft'; draft: DraftView }
  /** What is there for the last `findPlaces` of this kind and query. */
  | { type: 'places'; kind: PlaceKind; query: string; places: PlaceView[] }
  /** A text for the input, at the cursor. */
  | { type: 'insertText'; text: string }
  /** The same with a word that begins with @, which offers what it means. */
  | { type: 'insertMention'; text: string }
  /** What was asked with 'findPaths'. */
  | { type: 'paths'; found: PathView[] }
  /** Files have come or gone: what was said of paths may be different now. */
  | { type: 'pathsChanged' }
  | { type: 'focusInput' }
  /** The focus goes to where it was. */
  | { type: 'focusBack' }
  | { type: 'setInput'; text: string; useWorkspace: boolean };

/** How each message is sent: the log it belongs to, and its place in there. */
export interface Numbered {
  log: string;
  seq: number;
  message: ToPanel;
}

export type FromPanel =
  /** The page asks for everything: it is new, or has missed something. `seen` is how far it had come in which log. */
  | { type: 'ready'; log?: string; seen?: number }
  /** The keys of the user come here, or go elsewhere now. */
  | { type: 'focused'; focused: boolean }
  | { type: 'submit'; text: string; useWorkspace: boolean }
  | { type: 'stop' }
  /** Ends the thought of the running answer. */
  | { type: 'answerNow' }
  /** From now on the model thinks first, or not, or this much. */
  | { type: 'chooseThinking'; think?: boolean; effort?: string }
  /** The answer, the last one, goes on where it was cut. */
  | { type: 'goOn'; turnId: string }
  | { type: 'newChat' }
  | { type: 'history' }
  /** Asks something else in place of an earlier question. */
  | {
      type: 'edit';
      turnId: string;
      text: string;
      useWorkspace: boolean;
      /** What stays attached, and what is to be attached besides. */
      attachmentIds: string[];
      attach: Attach[];
    }
  /** Puts other words in place of those of an answer: Markdown. */
  | { type: 'editAnswer'; turnId: string; text: string }
  /** Attaches something to the next question. */
  | { type: 'attach'; what: Attach }
  /** 'toText' puts the text of a long paste into the input instead. */
  | { type: 'attached'; action: 'remove' | 'open' | 'toText'; attachmentId: string }
  | { type: 'findPlaces'; kind: PlaceKind; query: string }
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
  /** Shows a Mermaid diagram as a picture. */
  | { type: 'previewDiagram'; code: string }
  | ({ type: 'insertCode' } & CodeFromAnswer)
  | ({ type: 'applyCode' } & CodeFromAnswer)
  | ({ type: 'newFile' } & CodeFromAnswer)
  | ({ type: 'runInTerminal' } & CodeFromAnswer)
  | { type: 'openSource'; uri: string; startLine: number; endLine: number }
  /** Whether paths of an answer exist. */
  | { type: 'findPaths'; paths: PathQuestion[] }
  /** Opens what a path of an answer means, at a line; all numbers are 1-based. */
  | { type: 'openPath'; path: string; line?: number; column?: number; endLine?: number }
  | { type: 'openLink'; href: string }
  | { type: 'action'; action: PanelAction; turnId?: string };
