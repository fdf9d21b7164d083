// The only place that shows an error to the user outside the chat: its message, its remedy, and buttons that help.
import { commands, window } from 'vscode';
import { asKnownError, sayError } from './known_error.ts';
import type { Log } from './log.ts';
import { notificationActions, settingsButton } from './remedies.ts';

/** Shows a failure and writes it to the log; the promise of the click is not waited for. */
export function notifyError(error: unknown, log: Log): void {
  const known = asKnownError(error);
  log.error(`${known.code}: ${known.message}`);
  const { message, remedy } = sayError(known);
  const text = `Hearth: ${message} ${remedy}`.trim();
  show(window.showErrorMessage(text, ...notificationActions(known.code)), log);
}

/** Shows a warning about settings. */
export function notifyWarning(message: string, log: Log): void {
  log.warn(message);
  show(window.showWarningMessage(`Hearth: ${message}`, settingsButton()), log);
}

function show(choice: Thenable<{ command: string } | undefined>, log: Log): void {
  choice.then(
    button => button && commands.executeCommand(button.command),
    (error: unknown) => log.error(`A message could not be shown: ${String(error)}`),
  );
}
