// Chooses the Node.js that runs the engine: the user's setting, the one in this package, this process itself when it is
// a plain Node, else the one on PATH. Never Electron: it refuses the mapped GPU memory that the engine reads.
import { inEnglish, phrase, type Phrase } from '../../engine/protocol/phrase.ts';
import { execFile } from 'node:child_process';
import { access, chmod, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { linkErrors } from './errors.ts';
import type { Log } from '../log.ts';

const majorVersionMin = 22;
const versionDeadlineMs = 10_000;

export interface RuntimeChoice {
  /** The setting `hearth.engine.nodePath`; empty: one is chosen. */
  nodePath: string;
  extensionPath: string;
  platform: NodeJS.Platform;
  execPath: string;
  versions: { node: string; electron?: string };
  log: Log;
}

/** The path of a Node.js 22 or newer; throws `noRuntime`. A path that the user has set is used or refused, never replaced. */
export async function chooseNode(choice: RuntimeChoice): Promise<string> {
  if (choice.nodePath !== '') {
    const fault = await faultOf(choice.nodePath);
    if (fault)
      throw linkErrors.noRuntime(phrase`hearth.engine.nodePath is ${choice.nodePath}, but ${fault}.`);
    return choice.nodePath;
  }
  const bundled = join(choice.extensionPath, 'runtime', choice.platform === 'win32' ? 'node.exe' : 'node');
  if (await exists(bundled)) {
    const fault = (await makeExecutable(bundled)) ?? (await faultOf(bundled));
    if (!fault) return bundled;
    choice.log.warn(`The Node.js of this package cannot be used: ${inEnglish(fault)}.`);
  }
  if (choice.versions.electron === undefined && majorOf(choice.versions.node) >= majorVersionMin)
    return choice.execPath;
  const fault = await faultOf('node');
  if (fault) throw linkErrors.noRuntime(phrase`none came with this package, and of "node" on PATH ${fault}.`);
  return 'node';
}

/** Why this Node cannot be used, or undefined. */
async function faultOf(path: string): Promise<Phrase | undefined> {
  const version = await new Promise<string | Error>(resolve => {
    execFile(
      path,
      ['--version'],
      { timeout: versionDeadlineMs, windowsHide: true, env: cleanEnvironment(process.env) },
      (error, stdout) => resolve(error ?? stdout.trim()),
    );
  });
  if (version instanceof Error) return phrase`it does not start (${version.message.trim()})`;
  const major = majorOf(version);
  if (Number.isNaN(major)) return phrase`it does not answer like Node.js ("${version.slice(0, 40)}")`;
  return major < majorVersionMin
    ? phrase`its version is ${version}, older than ${majorVersionMin}`
    : undefined;
}

/** The environment without the variables that change how a Node process starts. */
export function cleanEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const unwanted = /^(NODE_OPTIONS|VSCODE_.*|ELECTRON_.*)$/i;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !unwanted.test(name)));
}

function majorOf(version: string): number {
  return Number.parseInt(version.replace(/^v/, ''), 10);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Some unpackers drop the executable bit. */
async function makeExecutable(path: string): Promise<Phrase | undefined> {
  try {
    await access(path, constants.X_OK);
  } catch {
    try {
      await chmod(path, 0o755);
    } catch (error) {
      return phrase`it may not be run (${error instanceof Error ? error.message : String(error)})`;
    }
  }
  return undefined;
}
