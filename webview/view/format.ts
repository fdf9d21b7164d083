// Numbers and lists as the user reads them. Pure.
import { formatNumber, plural, t } from '../l10n.ts';
import type {
  AssistantTurn,
  ContextBound,
  EngineView,
  KernelsView,
  StatsView,
  ThoughtView,
  WorkspaceView,
} from '../protocol.ts';

/** 12345.6 as "12,346". */
export function count(value: number): string {
  return formatNumber(value);
}

/** A fraction as "42 %"; values outside 0…1 are brought inside. */
export function percent(fraction: number): string {
  return t('{0} %', formatNumber(clampFraction(fraction) * 100));
}

export function clampFraction(fraction: number): number {
  return Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : 0;
}

/** The line under an answer: speed, wait, prompt size and what was reused of it. */
export function statsLine(stats: StatsView): string {
  const { tokensPerSecond } = stats;
  return [
    ...(stats.modelWaitMs === undefined ? [] : [t('model loaded in {0}', duration(stats.modelWaitMs))]),
    ...(tokensPerSecond === undefined ? [] : [t('{0} tokens/s', formatNumber(tokensPerSecond, 1))]),
    t('first token {0}', duration(stats.firstTokenMs)),
    promptText(stats),
    t('{0} generated', count(stats.generatedTokens)),
  ].join(' · ');
}

function promptText({ promptTokens, reusedTokens, diskTokens = 0 }: StatsView): string {
  const [all, reused] = [count(promptTokens), count(reusedTokens)];
  if (reusedTokens === 0) return t('{0} prompt tokens', all);
  return diskTokens === 0
    ? t('{0} prompt tokens ({1} reused)', all, reused)
    : t('{0} prompt tokens ({1} reused, {2} of them from disk)', all, reused, count(diskTokens));
}

export function duration(milliseconds: number): string {
  return milliseconds < 1000
    ? t('{0} ms', count(milliseconds))
    : t('{0} s', formatNumber(milliseconds / 1000, 1));
}

/** The line of a thought: how long it took, or at `now` has taken, and how long it is. */
export function thoughtLabel(thought: ThoughtView, now: number | undefined): string {
  const ms = now === undefined ? thought.tookMs : Math.max(0, now - thought.startedAt);
  const time = ms ? timeSpan(ms / 1000) : undefined;
  return `${now === undefined ? thoughtText(time) : thinkingText(time)} · ${thoughtLength(thought)}`;
}

function thoughtLength({ text, tokens }: ThoughtView): string {
  if (tokens !== undefined) return plural(tokens, t('1 token'), t('{0} tokens', count(tokens)));
  const words = text.match(/\S+/g)?.length ?? 0;
  return plural(words, t('1 word'), t('{0} words', count(words)));
}

function thoughtText(time: string | undefined): string {
  return time === undefined ? t('Thought') : t('Thought for {0}', time);
}

function thinkingText(time: string | undefined): string {
  return time === undefined ? t('Thinking…') : t('Thinking… {0}', time);
}

/** "5 s", "2 min 5 s", "1 h 40 min": whole units, the two largest. */
export function timeSpan(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (hours > 0) return minutes > 0 ? t('{0} h {1} min', count(hours), minutes) : t('{0} h', count(hours));
  if (minutes > 0) return rest > 0 ? t('{0} min {1} s', minutes, rest) : t('{0} min', minutes);
  return t('{0} s', rest);
}

/** "2.7 GB", "850 MB"; decimal units, as disks and hubs count. */
export function byteCount(bytes: number): string {
  if (bytes >= 99.5e9) return `${count(bytes / 1e9)} GB`;
  if (bytes >= 0.995e9) return `${formatNumber(bytes / 1e9, 1)} GB`;
  if (bytes >= 1e6 || bytes === 0) return `${count(bytes / 1e6)} MB`;
  return `${count(Math.max(1, bytes / 1e3))} kB`;
}

/** A length of context: "32K tokens" for 32,768, "1.01M tokens" for 1,010,000. */
export function contextLength(tokens: number): string {
  if (tokens >= 1e6) return t('{0}M tokens', formatNumber(tokens / 1e6, 2));
  return tokens < 1024 ? t('{0} tokens', count(tokens)) : t('{0}K tokens', count(tokens / 1024));
}

/** Why a context is shorter than the model's own. */
export function boundText({ by, modelTokens }: ContextBound): string {
  const bound =
    by === 'setting'
      ? t('Bounded by the setting "hearth.context.maxTokens".')
      : t('As much as fits this machine.');
  return modelTokens === undefined
    ? bound
    : `${bound} ${t('The model was made for {0} tokens.', count(modelTokens))}`;
}

/** What the engine is doing, in a few words. */
export function engineLabel(engine: EngineView): string {
  switch (engine.state) {
    case 'stopped':
      return t('Starts with your first question');
    case 'resting':
      return t('Resting');
    case 'starting':
      return t('Starting');
    case 'loading':
      return loadLabel(engine);
    case 'ready':
      return t('Ready');
    case 'restarting':
      return t('Restarting');
    case 'failed':
      return t('Not running');
    default:
      engine.state satisfies never;
      return '';
  }
}

function loadLabel({ loadStage, loadFraction, kernels }: EngineView): string {
  if (loadStage === 'reading') return t('Reading the model');
  if (loadStage === 'compiling')
    return kernels
      ? preparingText(count(kernels.done), count(kernels.total))
      : t('Preparing the GPU, only the first time');
  return loadFraction === undefined
    ? t('Loading the model')
    : t('Loading the model, {0}', percent(loadFraction));
}

/** What a resting engine means for the user. */
export function restingNote(): string {
  return t('Resting: the GPU is free. Your next question starts the model again.');
}

/** What an answer waits for before its first word: the prompt that is read, and the GPU where it is not prepared yet. */
export function waitLabel(reading: AssistantTurn['reading'], kernels: KernelsView | undefined): string {
  const [doneTokens, totalTokens] = [count(reading?.done ?? 0), count(reading?.total ?? 0)];
  if (!kernels)
    return reading ? t('Reading {0} of {1} tokens', doneTokens, totalTokens) : t('Waiting for the model');
  const [done, total] = [count(kernels.done), count(kernels.total)];
  return reading
    ? t(
        'Reading {0} of {1} tokens. Preparing the GPU, only the first time: {2} of {3}',
        doneTokens,
        totalTokens,
        done,
        total,
      )
    : preparingText(done, total);
}

function preparingText(done: string, total: string): string {
  return t('Preparing the GPU, only the first time: {0} of {1}', done, total);
}

/** How much of the workspace the model sees, in one line. */
export function workspaceLabel(workspace: WorkspaceView): string {
  const name = workspace.name ?? t('Workspace');
  switch (workspace.state) {
    case 'none':
      return workspace.name === undefined
        ? t('No folder is open')
        : t('{0}: read with the first workspace question', name);
    case 'reading':
      return t('{0}: reading files', name);
    case 'ready': {
      const { filesSeen, blockTokens, budgetTokens } = workspace;
      return t('{0}: {1} ({2} of {3} tokens)', name, filesSeen, count(blockTokens), count(budgetTokens));
    }
    case 'failed':
      return t('{0}: could not be read', name);
    default:
      workspace.state satisfies never;
      return name;
  }
}
