// What the status bar says about the engine, in words. Pure.
import { type KernelProgress } from '../engine/protocol/lifecycle.ts';
import type { WorkspaceView } from '../webview/protocol.ts';
import { sayError } from './known_error.ts';
import { formatNumber, plural, t } from './l10n.ts';
import type { EngineState } from './link/engine_state.ts';
import { firstTimeNote, loadPercent, loadText } from './link/load_progress.ts';
import { deviceNote } from './device_note.ts';
import { templateNote } from './template_note.ts';

export interface StatusFacts {
  engine: EngineState;
  /** Name of the chosen model, loaded or not. */
  modelName: string;
  workspace: WorkspaceView;
  completionsOn: boolean;
  /** Language of the active editor and whether completions are on for it. */
  language?: { id: string; on: boolean };
  tokensPerSecond?: number;
}
export interface StatusText {
  /** With the editor's $(icon) notation. */
  text: string;
  /** Lines of plain text. */
  lines: string[];
  severity: 'normal' | 'warning' | 'error';
  /** What a click on the last line does. */
  action?: { title: string; command: string };
}

/** The text of the item and the lines of its tooltip; a screen reader hears the lines. */
export function statusText(facts: StatusFacts): StatusText {
  const { engine } = facts;
  const lines = [...engineLines(facts), ...workspaceLines(facts.workspace), ...completionLines(facts)];
  if (facts.tokensPerSecond !== undefined)
    lines.push(t('Last answer: {0} tokens/s', formatNumber(facts.tokensPerSecond, 1)));
  const severity = engine.kind === 'failed' ? 'error' : engine.kind === 'restarting' ? 'warning' : 'normal';
  const action =
    engine.kind === 'stopped' ? { title: t('Start now'), command: 'hearth.startEngine' } : undefined;
  return { text: itemText(facts), lines, severity, action };
}

function itemText({ engine, workspace, completionsOn, language, tokensPerSecond }: StatusFacts): string {
  switch (engine.kind) {
    case 'starting':
      return '$(loading~spin) Hearth';
    case 'loading':
      return `$(loading~spin) Hearth ${loadPercent(engine.progress)}`.trim();
    case 'restarting':
      return '$(sync~spin) Hearth';
    case 'failed':
      return '$(error) Hearth';
    case 'ready':
    case 'stopped': {
      if (workspace.state === 'reading')
        return `$(loading~spin) Hearth ${fileCountText(workspace.fileCount)}`;
      if (!completionsOn || language?.on === false) return '$(circle-slash) Hearth';
      if (engine.kind === 'stopped')
        return engine.rest ? `$(flame) ${t('Hearth: resting')}` : '$(flame) Hearth';
      return tokensPerSecond === undefined
        ? '$(flame) Hearth'
        : `$(flame) Hearth ${t('{0} tok/s', formatNumber(tokensPerSecond))}`;
    }
    default:
      return engine satisfies never;
  }
}

function engineLines({ engine, modelName }: StatusFacts): string[] {
  switch (engine.kind) {
    case 'stopped':
      return [
        engine.rest
          ? t('Resting: the GPU is free. Your next question starts the model again')
          : t('Hearth starts with your first question'),
        t('Model: {0}', modelName),
      ];
    case 'starting':
      return [t('Engine: starting')];
    case 'loading':
      return [
        loadText(engine.progress),
        ...(engine.progress?.stage === 'compiling' ? [firstTimeNote()] : []),
        deviceLine(engine.device),
      ];
    case 'restarting':
      return [t('Engine: starting again (attempt {0})', engine.attempt), sayError(engine.error).message];
    case 'failed': {
      const { message, remedy } = sayError(engine.error);
      return [t('Engine: failed'), message, remedy].filter(line => line !== '');
    }
    case 'ready':
      return [
        t('Model: {0}', withQuantization(modelName, engine.model.quantization)),
        ...(engine.model.textOnly
          ? [t('Only the text part of this model is used, not its part for pictures')]
          : []),
        ...(engine.model.templateFault ? [templateNote(engine.model.templateFault)] : []),
        deviceLine(engine.device),
        ...(engine.model.deviceFault ? [deviceNote(engine.model.deviceFault)] : []),
        ...(engine.compiling ? [`${compilingInBackground(engine.compiling)} ${firstTimeNote()}`] : []),
      ];
    default:
      return engine satisfies never;
  }
}

/** The name of a model that was fetched says its storage type already. */
function withQuantization(name: string, quantization: string): string {
  return name.includes(quantization) ? name : `${name} (${quantization})`;
}

function deviceLine({
  name,
  backend,
  software,
}: {
  name: string;
  backend: string;
  software: boolean;
}): string {
  return software
    ? t('Device: {0} ({1}), a CPU in place of a GPU: slow', name, backend)
    : t('Device: {0} ({1})', name, backend);
}

function workspaceLines({ state, fileCount, filesSeen, name }: WorkspaceView): string[] {
  if (state === 'reading')
    return [t('Workspace {0}: reading, {1} so far', name ?? '', fileCountText(fileCount))];
  if (state === 'ready') return [t('Workspace {0}: {1}', name ?? '', filesSeen)];
  return [];
}

function completionLines({ completionsOn, language }: StatusFacts): string[] {
  if (!completionsOn) return [t('Completions: off')];
  return [language && !language.on ? t('Completions: off for {0}', language.id) : t('Completions: on')];
}

function fileCountText(count: number): string {
  return plural(count, t('1 file'), t('{0} files', formatNumber(count)));
}

function compilingInBackground({ done, total }: KernelProgress): string {
  return t('Preparing the GPU in the background: {0} of {1}.', done, total);
}
