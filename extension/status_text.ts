// What the status bar says about the engine, in words. Pure.
import type { WorkspaceView } from '../webview/protocol.ts';
import type { EngineState } from './link/engine_state.ts';
import { templateNote } from './template_note.ts';
import { compilingText, firstTimeNote, loadPercent, loadText } from './link/load_progress.ts';

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

const startAction = { title: 'Start now', command: 'hearth.startEngine' };

/** The text of the item and the lines of its tooltip; a screen reader hears the lines. */
export function statusText(facts: StatusFacts): StatusText {
  const { engine } = facts;
  const lines = [...engineLines(facts), ...workspaceLines(facts.workspace), ...completionLines(facts)];
  if (facts.tokensPerSecond !== undefined)
    lines.push(`Last answer: ${facts.tokensPerSecond.toFixed(1)} tokens/s`);
  const severity = engine.kind === 'failed' ? 'error' : engine.kind === 'restarting' ? 'warning' : 'normal';
  const action = engine.kind === 'stopped' ? startAction : undefined;
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
      if (workspace.state === 'reading') return `$(loading~spin) Hearth ${workspace.fileCount} files`;
      if (!completionsOn || language?.on === false) return '$(circle-slash) Hearth';
      if (engine.kind === 'stopped') return engine.rest ? '$(flame) Hearth: resting' : '$(flame) Hearth';
      return tokensPerSecond === undefined
        ? '$(flame) Hearth'
        : `$(flame) Hearth ${tokensPerSecond.toFixed(0)} tok/s`;
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
          ? 'Resting: the GPU is free. Your next question starts the model again'
          : 'Hearth starts with your first question',
        `Model: ${modelName}`,
      ];
    case 'starting':
      return ['Engine: starting'];
    case 'loading':
      return [
        `Engine: ${lowerFirst(loadText(engine.progress))}`,
        ...(engine.progress?.stage === 'compiling' ? [firstTimeNote()] : []),
        deviceLine(engine.device),
      ];
    case 'restarting':
      return [`Engine: starting again (attempt ${engine.attempt})`, engine.error.message];
    case 'failed':
      return ['Engine: failed', engine.error.message, engine.error.remedy].filter(line => line !== '');
    case 'ready':
      return [
        `Model: ${engine.model.name} (${engine.model.quantization})`,
        ...(engine.model.textOnly
          ? ['Only the text part of this model is used, not its part for pictures']
          : []),
        ...(engine.model.templateFault ? [templateNote(engine.model.templateFault)] : []),
        deviceLine(engine.device),
        ...(engine.compiling
          ? [`${compilingText(engine.compiling)} in the background. ${firstTimeNote()}`]
          : []),
      ];
    default:
      return engine satisfies never;
  }
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
  return `Device: ${name} (${backend})${software ? ', a CPU in place of a GPU: slow' : ''}`;
}

function workspaceLines({ state, fileCount, includedCount, name }: WorkspaceView): string[] {
  if (state === 'reading') return [`Workspace ${name ?? ''}: reading, ${fileCount} files so far`];
  if (state === 'ready')
    return [`Workspace ${name ?? ''}: the model sees ${includedCount} of ${fileCount} files whole`];
  return [];
}

function completionLines({ completionsOn, language }: StatusFacts): string[] {
  if (!completionsOn) return ['Completions: off'];
  return [language && !language.on ? `Completions: off for ${language.id}` : 'Completions: on'];
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
