// From what the engine says to what the page shows. Pure; the page never learns an engine type.
import type { ChatSendResult, GenerationStats, SourceLink } from '../../engine/protocol/chat.ts';
import type { EngineError, EngineErrorName } from '../../engine/protocol/errors.ts';
import type {
  AssistantTurn,
  EngineView,
  FailureView,
  PanelAction,
  SourceView,
  StatsView,
} from '../../webview/protocol.ts';
import type { EngineState } from '../link/engine_state.ts';
import { loadFraction } from '../link/load_progress.ts';

/** What the page shows of the engine; `modelName` is the name of the chosen model, loaded or not. */
export function engineView(state: EngineState, modelName: string): EngineView {
  const empty = { modelName, textOnly: false, deviceName: '', software: false };
  switch (state.kind) {
    case 'stopped':
    case 'starting':
      return { ...empty, state: state.kind };
    case 'loading': {
      const { device, progress } = state;
      return {
        ...empty,
        state: 'loading',
        deviceName: device.name,
        software: device.software,
        loadStage: progress?.stage,
        loadFraction: progress && loadFraction(progress),
        kernels: progress?.kernels,
      };
    }
    case 'ready':
      return {
        state: 'ready',
        modelName: state.model.name,
        textOnly: state.model.textOnly,
        deviceName: state.device.name,
        software: state.device.software,
        kernels: state.compiling,
      };
    case 'restarting':
      return { ...empty, state: 'restarting', failure: failureView(state.error, []) };
    case 'failed':
      return {
        ...empty,
        state: 'failed',
        failure: failureView(state.error, engineActions(state.error.code)),
      };
    default:
      return state satisfies never;
  }
}

/** A failure with the buttons that may cure it. */
export function failureView(error: EngineError, actions: PanelAction[]): FailureView {
  return { message: error.message, remedy: error.remedy, actions };
}

/** The buttons of a failed answer: asking again comes first wherever it may help. */
export function answerActions(code: EngineErrorName): PanelAction[] {
  if (code === 'contextFull') return ['newChat', 'openSettings'];
  return ['retry', ...engineActions(code).filter(action => action !== 'restartEngine')];
}

function engineActions(code: EngineErrorName): PanelAction[] {
  switch (code) {
    case 'noModel':
    case 'fileUnreadable':
    case 'badCheckpoint':
    case 'unsupportedArchitecture':
    case 'missingTensor':
    case 'badWeights':
    case 'badTokenizer':
    case 'limitTooSmall':
      return ['chooseModel', 'openLog'];
    case 'outOfDeviceMemory':
      return ['chooseModel', 'openSettings', 'openLog'];
    case 'loadCancelled':
      return ['restartEngine', 'chooseModel'];
    case 'noRuntime':
      return ['openSettings', 'restartEngine', 'openLog'];
    default:
      return ['restartEngine', 'openLog'];
  }
}

/** Sources in the order the engine ranked them. */
export function sourceViews(sources: SourceLink[]): SourceView[] {
  return sources.map(({ path, uri, startLine, endLine, origin }) => ({
    label: endLine > startLine ? `${path}:${startLine}-${endLine}` : `${path}:${startLine}`,
    path,
    uri,
    startLine,
    endLine,
    cited: origin === 'cited',
  }));
}

/** Figures under an answer. */
export function statsView(stats: GenerationStats): StatsView {
  const steps = stats.generatedTokens - 1;
  return {
    tokensPerSecond: steps > 0 && stats.decodeMs > 0 ? (steps * 1000) / stats.decodeMs : undefined,
    generatedTokens: stats.generatedTokens,
    promptTokens: stats.promptTokens,
    reusedTokens: stats.reusedTokens,
    firstTokenMs: stats.firstTokenMs,
  };
}

/** Why an answer is shorter than it could be. */
export function cutOf({ finishReason }: Pick<ChatSendResult, 'finishReason'>): AssistantTurn['cut'] {
  return finishReason === 'length' || finishReason === 'context' || finishReason === 'repetition'
    ? finishReason
    : undefined;
}
