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
export type PanelAction =
  'retry' | 'openLog' | 'openSettings' | 'chooseModel' | 'restartEngine' | 'ingestWorkspace' | 'newChat';

export interface StatsView {
  tokensPerSecond: number;
  generatedTokens: number;
  promptTokens: number;
  reusedTokens: number;
  firstTokenMs: number;
}
/** What the model thought before it answered. */
export interface ThoughtView {
  text: string;
  /** Date.now() of the first word. */
  startedAt: number;
  /** How long it took; absent while it goes on. */
  tookMs?: number;
}
export type Turn =
  | { id: string; role: 'user'; text: string; useWorkspace: boolean }
  | {
      id: string;
      role: 'assistant';
      text: string;
      thinking?: ThoughtView;
      status: 'waiting' | 'reading' | 'streaming' | 'done' | 'stopped' | 'failed';
      /** Prompt tokens read so far, while status is 'reading'. */
      reading?: { done: number; total: number };
      sources: SourceView[];
      leftOut: { path: string; reason: string }[];
      stats?: StatsView;
      failure?: FailureView;
      /** 'length' or 'context' when the answer was cut. */
      cut?: 'length' | 'context';
    };
export type AssistantTurn = Extract<Turn, { role: 'assistant' }>;

export interface EngineView {
  state: 'stopped' | 'starting' | 'loading' | 'ready' | 'restarting' | 'failed';
  modelName: string;
  deviceName: string;
  /** True: a CPU stands in for the GPU. */
  software: boolean;
  /** 0…1 while state is 'loading'. */
  loadFraction?: number;
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
}
export interface ContextMeter {
  usedTokens: number;
  maxTokens: number;
}
export interface PanelState {
  turns: Turn[];
  busy: boolean;
  engine: EngineView;
  workspace: WorkspaceView;
  meter: ContextMeter;
  useWorkspace: boolean;
}

export type ToPanel =
  | { type: 'snapshot'; state: PanelState }
  | { type: 'turn'; turn: Turn }
  | { type: 'delta'; turnId: string; text: string }
  | { type: 'thinking'; turnId: string; text: string; startedAt: number }
  | { type: 'reading'; turnId: string; done: number; total: number }
  | { type: 'busy'; busy: boolean }
  | { type: 'engine'; engine: EngineView }
  | { type: 'workspace'; workspace: WorkspaceView }
  | { type: 'meter'; meter: ContextMeter }
  | { type: 'cleared' }
  | { type: 'focusInput' }
  | { type: 'setInput'; text: string; useWorkspace: boolean };

export type FromPanel =
  | { type: 'ready' }
  | { type: 'submit'; text: string; useWorkspace: boolean }
  | { type: 'stop' }
  | { type: 'newChat' }
  | { type: 'copyCode'; code: string }
  | { type: 'insertCode'; code: string }
  | { type: 'openSource'; uri: string; startLine: number; endLine: number }
  | { type: 'openLink'; href: string }
  | { type: 'action'; action: PanelAction; turnId?: string };
