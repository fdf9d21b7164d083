// Checks what arrives from outside into a typed message. A message of unknown type or shape becomes undefined.
import type {
  AssistantTurn,
  ContextMeter,
  EngineView,
  FailureView,
  PanelState,
  SourceView,
  StatsView,
  ThoughtView,
  ToPanel,
  Turn,
  WorkspaceView,
} from './protocol.ts';
import { flag, listOf, number, oneOf, optional, shape, text, type Test } from './checks.ts';
import { contextBound, models } from './models_message.ts';

const leftOut = listOf(shape<{ path: string; reason: string }>({ path: text, reason: text }));
const progress = shape<{ done: number; total: number }>({ done: number, total: number });
const failure = shape<FailureView>({ message: text, remedy: text, actions: listOf(text) });
const source = shape<SourceView>({
  label: text,
  path: text,
  uri: text,
  startLine: number,
  endLine: number,
  cited: flag,
});
const stats = shape<StatsView>({
  tokensPerSecond: optional(number),
  generatedTokens: number,
  promptTokens: number,
  reusedTokens: number,
  firstTokenMs: number,
});
const thought = shape<ThoughtView>({ text, startedAt: number, tookMs: optional(number) });
const userTurn = shape<Extract<Turn, { role: 'user' }>>({
  id: text,
  role: oneOf('user'),
  text,
  useWorkspace: flag,
});
const assistantTurn = shape<AssistantTurn>({
  id: text,
  role: oneOf('assistant'),
  text,
  thinking: optional(thought),
  status: oneOf('waiting', 'reading', 'streaming', 'done', 'stopped', 'failed'),
  reading: optional(progress),
  sources: listOf(source),
  leftOut,
  stats: optional(stats),
  failure: optional(failure),
  cut: optional(oneOf('length', 'context', 'repetition')),
});
const turn: Test = value => userTurn(value) || assistantTurn(value);
const engine = shape<EngineView>({
  state: oneOf('stopped', 'starting', 'loading', 'ready', 'restarting', 'failed'),
  modelName: text,
  textOnly: flag,
  deviceName: text,
  software: flag,
  loadStage: optional(oneOf('reading', 'uploading', 'compiling')),
  loadFraction: optional(number),
  kernels: optional(progress),
  failure: optional(failure),
});
const workspace = shape<WorkspaceView>({
  name: optional(text),
  state: oneOf('none', 'reading', 'ready', 'failed'),
  fileCount: number,
  includedCount: number,
  leftOut,
  blockTokens: number,
  budgetTokens: number,
  sampleQuestion: optional(text),
});
const meter = shape<ContextMeter>({ usedTokens: number, maxTokens: number, bound: optional(contextBound) });
const state = shape<PanelState>({
  turns: listOf(turn),
  busy: flag,
  engine,
  workspace,
  meter,
  useWorkspace: flag,
  models: optional(models),
});

type Body<Type extends ToPanel['type']> = Omit<Extract<ToPanel, { type: Type }>, 'type'>;
const bodies: { [Type in ToPanel['type']]: Test } = {
  snapshot: shape<Body<'snapshot'>>({ state }),
  turn: shape<Body<'turn'>>({ turn }),
  delta: shape<Body<'delta'>>({ turnId: text, text }),
  thinking: shape<Body<'thinking'>>({ turnId: text, text, startedAt: number }),
  reading: shape<Body<'reading'>>({ turnId: text, done: number, total: number }),
  busy: shape<Body<'busy'>>({ busy: flag }),
  engine: shape<Body<'engine'>>({ engine }),
  workspace: shape<Body<'workspace'>>({ workspace }),
  meter: shape<Body<'meter'>>({ meter }),
  models: shape<Body<'models'>>({ models: optional(models) }),
  cleared: shape<Body<'cleared'>>({}),
  focusInput: shape<Body<'focusInput'>>({}),
  setInput: shape<Body<'setInput'>>({ text, useWorkspace: flag }),
};

/** The message, if `value` is one in every field the page will read; undefined otherwise. */
export function readMessage(value: unknown): ToPanel | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const type = (value as { type?: unknown }).type;
  if (typeof type !== 'string' || !Object.hasOwn(bodies, type)) return undefined;
  return bodies[type as ToPanel['type']](value) ? (value as ToPanel) : undefined;
}
