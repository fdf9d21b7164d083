// The only place that shows an error to the user outside the chat: its message, its remedy, and a button that helps.
import { commands, window } from 'vscode';
import { fromWire, type EngineErrorName } from '../engine/protocol/errors.ts';
import type { Log } from './log.ts';

const buttons = {
  log: { title: 'Show Log', command: 'hearth.showLog' },
  model: { title: 'Choose Model', command: 'hearth.chooseModel' },
  restart: { title: 'Restart Engine', command: 'hearth.restartEngine' },
  settings: { title: 'Open Settings', command: 'hearth.openSettings' },
} as const;

const helpful: Partial<Record<EngineErrorName, keyof typeof buttons>> = {
  noModel: 'model',
  badCheckpoint: 'model',
  unsupportedArchitecture: 'model',
  missingTensor: 'model',
  badWeights: 'model',
  badTokenizer: 'model',
  fileUnreadable: 'model',
  limitTooSmall: 'model',
  outOfDeviceMemory: 'settings',
  contextFull: 'settings',
  noRuntime: 'settings',
  loadCancelled: 'restart',
  engineExited: 'restart',
  engineGaveUp: 'restart',
  engineHung: 'restart',
  deviceLost: 'restart',
};

/** Shows a failure and writes it to the log; the promise of the click is not waited for. */
export function notifyError(error: unknown, log: Log): void {
  const known = fromWire(error);
  log.error(`${known.code}: ${known.message}`);
  const first = buttons[helpful[known.code] ?? 'log'];
  const offered = first === buttons.log ? [buttons.log] : [first, buttons.log];
  show(window.showErrorMessage(`Hearth: ${known.message} ${known.remedy}`.trim(), ...offered), log);
}

/** Shows a warning about settings. */
export function notifyWarning(message: string, log: Log): void {
  log.warn(message);
  show(window.showWarningMessage(`Hearth: ${message}`, buttons.settings), log);
}

function show(choice: Thenable<{ command: string } | undefined>, log: Log): void {
  choice.then(
    button => button && commands.executeCommand(button.command),
    (error: unknown) => log.error(`A message could not be shown: ${String(error)}`),
  );
}
