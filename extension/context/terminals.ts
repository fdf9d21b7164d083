// What the commands of the editor's terminals say, for as long as they are open: by the shell integration, which is all that the editor
// tells of terminals. Kept in memory only.
import { stripVTControlCharacters } from 'node:util';
import { window, type Terminal, type TerminalShellExecution } from 'vscode';
import { DisposableStore, type Disposable } from '../dispose.ts';
import { contextErrors } from './errors.ts';
import type { TerminalOutput } from './sources.ts';

/** Of one command; its end matters most. */
const outputCharsMax = 30_000;

interface Said {
  execution: TerminalShellExecution;
  raw: string;
  cut: boolean;
  exitCode?: number;
}

/** Listens to all terminals until disposed. */
export class Terminals implements Disposable {
  readonly #last = new WeakMap<Terminal, Said>();
  readonly #subscriptions = new DisposableStore();

  constructor() {
    this.#subscriptions.add(
      window.onDidStartTerminalShellExecution(({ terminal, execution }) => {
        const said: Said = { execution, raw: '', cut: false };
        this.#last.set(terminal, said);
        void listen(said);
      }),
    );
    this.#subscriptions.add(
      window.onDidEndTerminalShellExecution(({ terminal, execution, exitCode }) => {
        const said = this.#last.get(terminal);
        if (said?.execution === execution) said.exitCode = exitCode;
      }),
    );
  }

  /** The last command of the terminal in front. */
  last(): TerminalOutput {
    const terminal = window.activeTerminal;
    if (!terminal) throw contextErrors.noTerminal();
    const said = this.#last.get(terminal);
    if (!said) throw contextErrors.silentTerminal(terminal.name);
    const { execution, raw, cut, exitCode } = said;
    const output = stripVTControlCharacters(raw)
      .replaceAll(/\r+\n?/g, '\n')
      .trim();
    return { name: terminal.name, command: execution.commandLine.value.trim(), output, cut, exitCode };
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }
}

async function listen(said: Said): Promise<void> {
  for await (const data of said.execution.read()) {
    const all = said.raw + data;
    said.raw = all.slice(-outputCharsMax);
    said.cut ||= all.length > outputCharsMax;
  }
}
