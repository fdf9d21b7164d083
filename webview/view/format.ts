// Numbers and lists as the user reads them. Pure.
import type {
  AssistantTurn,
  ContextBound,
  EngineView,
  KernelsView,
  StatsView,
  ThoughtView,
  WorkspaceView,
} from '../protocol.ts';

const wholeNumber = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 12345.6 as "12,346". */
export function count(value: number): string {
  return wholeNumber.format(value);
}

/** A fraction as "42 %"; values outside 0…1 are brought inside. */
export function percent(fraction: number): string {
  return `${Math.round(clampFraction(fraction) * 100)} %`;
}

export function clampFraction(fraction: number): number {
  return Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : 0;
}

/** The line under an answer: speed, wait, prompt size and what was reused of it. */
export function statsLine(stats: StatsView): string {
  const reused = stats.reusedTokens > 0 ? ` (${count(stats.reusedTokens)} reused)` : '';
  return [
    ...(stats.modelWaitMs === undefined ? [] : [`model loaded in ${duration(stats.modelWaitMs)}`]),
    ...(stats.tokensPerSecond === undefined ? [] : [`${stats.tokensPerSecond.toFixed(1)} tokens/s`]),
    `first token ${duration(stats.firstTokenMs)}`,
    `${count(stats.promptTokens)} prompt tokens${reused}`,
    `${count(stats.generatedTokens)} generated`,
  ].join(' · ');
}

export function duration(milliseconds: number): string {
  return milliseconds < 1000 ? `${count(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** The line of a thought: how long it took, or at `now` has taken, and how long it is. */
export function thoughtLabel(thought: ThoughtView, now: number | undefined): string {
  const words = plural(thought.text.match(/\S+/g)?.length ?? 0, 'word');
  const ms = now === undefined ? thought.tookMs : Math.max(0, now - thought.startedAt);
  const time = ms ? ` ${timeSpan(ms / 1000)}` : '';
  return now === undefined ? `Thought${time && ` for${time}`} · ${words}` : `Thinking…${time} · ${words}`;
}

/** "5 s", "2 min 5 s", "1 h 40 min": whole units, the two largest. */
export function timeSpan(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (hours > 0) return minutes > 0 ? `${count(hours)} h ${minutes} min` : `${count(hours)} h`;
  if (minutes > 0) return rest > 0 ? `${minutes} min ${rest} s` : `${minutes} min`;
  return `${rest} s`;
}

/** "2.7 GB", "850 MB"; decimal units, as disks and hubs count. */
export function byteCount(bytes: number): string {
  if (bytes >= 99.5e9) return `${count(bytes / 1e9)} GB`;
  if (bytes >= 0.995e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  if (bytes >= 1e6 || bytes === 0) return `${count(bytes / 1e6)} MB`;
  return `${count(Math.max(1, bytes / 1e3))} kB`;
}

/** A length of context: "32K tokens" for 32,768, "1.01M tokens" for 1,010,000. */
export function contextLength(tokens: number): string {
  if (tokens >= 1e6) return `${(tokens / 1e6).toFixed(2)}M tokens`;
  return tokens < 1024 ? `${count(tokens)} tokens` : `${count(tokens / 1024)}K tokens`;
}

/** Why a context is shorter than the model's own. */
export function boundText({ by, modelTokens }: ContextBound): string {
  const own = modelTokens === undefined ? '' : ` The model was made for ${count(modelTokens)}.`;
  return `${by === 'setting' ? 'Bounded by the setting "hearth.context.maxTokens".' : 'As much as fits this machine.'}${own}`;
}

/** "1 file", "2 files". */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** What the engine is doing, in a few words. */
export function engineLabel(engine: EngineView): string {
  switch (engine.state) {
    case 'stopped':
      return 'Starts with your first question';
    case 'resting':
      return 'Resting';
    case 'starting':
      return 'Starting';
    case 'loading':
      return loadLabel(engine);
    case 'ready':
      return 'Ready';
    case 'restarting':
      return 'Restarting';
    case 'failed':
      return 'Not running';
    default:
      engine.state satisfies never;
      return '';
  }
}

function loadLabel({ loadStage, loadFraction, kernels }: EngineView): string {
  if (loadStage === 'reading') return 'Reading the model';
  if (loadStage === 'compiling') return kernels ? `Compiling ${ofKernels(kernels)}` : 'Compiling kernels';
  return loadFraction === undefined ? 'Loading the model' : `Loading the model, ${percent(loadFraction)}`;
}

/** What a resting engine means for the user. */
export const restingNote = 'Resting: the GPU is free. Your next question starts the model again.';

/** Why kernels compile at all, for whoever has to wait for them. */
export const firstTimeNote =
  'Slow only the first time on this machine; the driver keeps what it has compiled.';

/** "12 of 60 kernels". */
export function ofKernels({ done, total }: KernelsView): string {
  return `${count(done)} of ${count(total)} kernels`;
}

/** What an answer waits for before its first word: the prompt that is read, and kernels that compile. */
export function waitLabel(reading: AssistantTurn['reading'], kernels: KernelsView | undefined): string {
  const what = reading
    ? `Reading ${count(reading.done)} of ${count(reading.total)} tokens`
    : 'Waiting for the model';
  return kernels ? `${what} · compiling ${ofKernels(kernels)}` : what;
}

/** How much of the workspace the model sees, in one line. */
export function workspaceLabel(workspace: WorkspaceView): string {
  const name = workspace.name ?? 'Workspace';
  switch (workspace.state) {
    case 'none':
      return workspace.name === undefined
        ? 'No folder is open'
        : `${name}: read with the first workspace question`;
    case 'reading':
      return `${name}: reading files`;
    case 'ready': {
      const seen =
        workspace.includedCount === workspace.fileCount
          ? plural(workspace.fileCount, 'file')
          : `${count(workspace.includedCount)} of ${plural(workspace.fileCount, 'file')}`;
      return `${name}: ${seen}, ${count(workspace.blockTokens)} of ${count(workspace.budgetTokens)} tokens`;
    }
    case 'failed':
      return `${name}: could not be read`;
    default:
      workspace.state satisfies never;
      return name;
  }
}
