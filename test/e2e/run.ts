// One run of the tests in VS Code: what it is given and what it gives back.

/** Those that HEARTH_SCENARIOS names ("chat,models"); all when it is not set. */
export function wantedScenarios(): string[] | undefined {
  return process.env['HEARTH_SCENARIOS']?.split(',').map(name => name.trim());
}

/** What one run was given. */
export interface RunOptions {
  /** For user data, extensions and workspaces of this run; removed at its end. */
  directory: string;
  vsix: string;
  /** For screenshots. */
  shots: string;
  /** Takes what must be ended when the run ends, however it does. */
  onStop(stop: () => Promise<void>): void;
}
export interface Counts {
  passed: number;
  failed: number;
  /** What failed, a line each. */
  failures?: string[];
}
