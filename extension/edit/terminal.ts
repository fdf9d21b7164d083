// A command of an answer run in a terminal: only after the user has seen the whole of it and agreed, never in an untrusted workspace.
import { window, workspace, type Terminal } from 'vscode';
import { formatNumber, t } from '../l10n.ts';
import { editErrors } from './errors.ts';
import { commandOf, isShell, visibleText } from './shell_text.ts';

const terminalName = 'Hearth';
/** A dialog shows so many lines and characters whole on small screens too. */
const linesMax = 40;
const charsMax = 4_000;

/** What the user is asked, and where commands go; tests have their own. */
export interface TerminalHost {
  isTrusted(): boolean;
  /** True when the user agrees. */
  confirm(question: { message: string; detail: string; agree: string }): Promise<boolean>;
  send(command: string): void;
}

/** Asks, and runs the command. */
export async function runInTerminal(code: string, language: string, host: TerminalHost): Promise<void> {
  if (!isShell(language)) throw editErrors.notShell(language);
  if (!host.isTrusted()) throw editErrors.untrustedTerminal();
  const command = commandOf(code);
  if (command === '') throw editErrors.noCommand();
  const detail = visibleText(command);
  const lines = detail.split('\n').length;
  if (lines > linesMax || detail.length > charsMax) throw editErrors.commandTooLong(lines);
  const message =
    lines === 1
      ? t('Run this command of the model in a terminal?')
      : t('Run these {0} lines of the model in a terminal?', formatNumber(lines));
  if (await host.confirm({ message, detail, agree: t('Run') })) host.send(command);
}

/** The editor's own dialog and terminal. */
export const editorTerminal: TerminalHost = {
  isTrusted: () => workspace.isTrusted,
  async confirm({ message, detail, agree }) {
    return (await window.showWarningMessage(message, { modal: true, detail }, agree)) === agree;
  },
  send(command) {
    const terminal = openTerminal() ?? window.createTerminal({ name: terminalName });
    terminal.show(true);
    terminal.sendText(command);
  },
};

function openTerminal(): Terminal | undefined {
  return window.terminals.find(({ name, exitStatus }) => name === terminalName && exitStatus === undefined);
}
