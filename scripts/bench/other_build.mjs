// The engine that this one is compared with: another checkout, which is built here and left as it is, or a built engine.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from '../build.mjs';
import { say, SetupError } from '../setup/command.mjs';
import { againstDirectory } from './places.mjs';

/** What FOLDER holds: { program } of a built engine, or { checkout } with its sources. Throws SetupError for anything else. */
export function engineIn(folder) {
  if (existsSync(join(folder, 'engine', 'main.ts'))) return { checkout: resolve(folder) };
  const program = [join(folder, 'engine.mjs'), join(folder, 'dist', 'engine.mjs')].find(existsSync);
  if (program) return { program: resolve(program) };
  throw new SetupError(
    `--against takes a checkout of Hearth or a folder with engine.mjs; ${folder} is neither.`,
  );
}

/** The program of the other engine. A checkout is built with the options of this one, into a folder of this one. */
export async function otherEngine(folder) {
  const found = engineIn(folder);
  if (found.program) return found.program;
  const place = join(
    againstDirectory,
    createHash('sha256').update(found.checkout).digest('hex').slice(0, 12),
  );
  say(`building the engine of ${found.checkout}`);
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  // Its own Dawn, if it was set up; else the one that lies above this folder.
  const packages = join(found.checkout, 'node_modules');
  if (existsSync(packages)) symlinkSync(packages, join(place, 'node_modules'), 'junction');
  await build({ only: ['engine'], outdir: place, from: found.checkout });
  return join(place, 'engine.mjs');
}
