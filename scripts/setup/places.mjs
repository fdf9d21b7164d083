// Where the set-up puts things, and the versions it pins.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The Node.js that runs everything here and that goes into the package. */
export const nodeVersion = '24.21.0';
/** The VS Code server for tests and for `npm start` without a desktop VS Code; 4.139.1 holds VS Code 1.139.1. */
export const codeServerVersion = '4.139.1';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const toolsDirectory = join(root, '.tools');
export const logDirectory = join(toolsDirectory, 'log');

/** As VS Code names platforms: `linux-x64`, `win32-arm64`, … */
export const platform = `${process.platform}-${process.arch}`;

const nodeDirectory = join(toolsDirectory, 'node');
export const nodePath = join(nodeDirectory, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
export const nodeHome = nodeDirectory;

export const codeServerDirectory = join(toolsDirectory, 'code-server');
export const codeServerEntry = join(
  codeServerDirectory,
  'node_modules',
  'code-server',
  'out',
  'node',
  'entry.js',
);

/** The environment in which our Node.js and the project's tools come first. */
export function toolEnvironment(extra = {}) {
  const separator = process.platform === 'win32' ? ';' : ':';
  const path = [dirname(nodePath), join(root, 'node_modules', '.bin'), process.env.PATH ?? ''].join(
    separator,
  );
  return { ...process.env, PATH: path, ...extra };
}

/** The text of a stamp file, or undefined. */
export function readStamp(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
