// The log of Hearth: one output channel behind a small type, so that nothing else depends on the editor for logging.
import { window } from 'vscode';
import type { Disposable } from './dispose.ts';

export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}
export interface LogChannel extends Log, Disposable {
  /** Brings the log into view. */
  show(): void;
}

/** Opens the channel "Hearth" of the output panel; its level is the user's choice there. */
export function openLog(): LogChannel {
  const channel = window.createOutputChannel('Hearth', { log: true });
  return {
    debug: message => channel.debug(message),
    info: message => channel.info(message),
    warn: message => channel.warn(message),
    error: message => channel.error(message),
    show: () => channel.show(),
    dispose: () => channel.dispose(),
  };
}
