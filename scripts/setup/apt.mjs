// Debian packages: asks what is installed, installs what is missing when it may, else says exactly what to run.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backportsSource } from './apt_sources.mjs';
import { runQuietly, sayStep, SetupError } from './command.mjs';

const sourcesDirectory = '/etc/apt/sources.list.d';
const ownSource = join(sourcesDirectory, 'hearth-backports.sources');
const aptEnvironment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
let listsAreFresh = false;

/** True on Debian and its relatives. */
export function hasApt() {
  return process.platform === 'linux' && existsSync('/usr/bin/apt-get');
}

/** Those of the packages that are not installed. */
export function missingPackages(names) {
  return names.filter(name => {
    const { stdout } = spawnSync('dpkg-query', ['-W', '-f=${Status}\n', name], { encoding: 'utf8' });
    return !/^install ok installed$/m.test(stdout ?? '');
  });
}

/** Installs the packages, as root only, in about `seconds`. `why` completes "Needed …". `suite`: take them from there. */
export async function installPackages(names, { why, suite, seconds }) {
  if (!hasApt() || process.getuid?.() !== 0)
    throw new SetupError(howToInstall(names, { why, suite, apt: hasApt() }));
  sayStep(`Installing ${names.join(', ')} ${why}`, seconds);
  await refreshLists();
  const args = ['install', '-y', '-q', '--no-install-recommends', ...(suite ? ['-t', suite] : []), ...names];
  await runQuietly('apt-install', 'apt-get', args, { env: aptEnvironment });
}

/**
 * What a person is to run who is not root. `source`: a file to write first, and what goes into it.
 * @param {string[]} names
 * @param {{ why: string, suite?: string, source?: { path: string, text: string }, apt?: boolean }} options
 */
export function howToInstall(names, { why, suite, source, apt = true }) {
  const needed = `Needed ${why}: ${names.join(', ')}.`;
  if (!apt) return `${needed}\nInstall them with your system's package manager, then start again.`;
  const install = `apt-get install --no-install-recommends ${suite ? `-t ${suite} ` : ''}${names.join(' ')}`;
  const write = source ? `  cat > ${source.path} <<'END'\n${source.text.trimEnd()}\nEND\n` : '';
  return `${needed}\nRun this as root, then start again:\n${write}  apt-get update && ${install}`;
}

/** The version that a plain install would give; '' when apt knows none, as with the empty lists of a new container. */
export async function candidateVersion(name) {
  if (process.getuid?.() === 0) await refreshLists();
  const { stdout } = spawnSync('apt-cache', ['policy', name], { encoding: 'utf8', env: aptEnvironment });
  const version = /Candidate: (\S+)/.exec(stdout ?? '')?.[1] ?? '';
  return version === '(none)' ? '' : version;
}

/** Makes the distribution's backports suite known to apt and returns its name. `wanted`: the packages it is for, and why. */
export async function enableBackports(wanted, { why }) {
  const codename = /^VERSION_CODENAME=(\S+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '';
  const stanza = backportsSource({ codename, files: sourceFiles() });
  if (stanza === undefined)
    throw new SetupError(`No apt source for "${codename}" was found; add its backports suite by hand.`);
  const suite = `${codename}-backports`;
  if (stanza !== '') {
    const source = { path: ownSource, text: stanza };
    if (process.getuid?.() !== 0) throw new SetupError(howToInstall(wanted, { why, suite, source }));
    writeFileSync(ownSource, stanza);
    listsAreFresh = false;
    await refreshLists();
  }
  return suite;
}

async function refreshLists() {
  if (listsAreFresh) return;
  await runQuietly('apt-update', 'apt-get', ['update', '-q'], { env: aptEnvironment });
  listsAreFresh = true;
}

function sourceFiles() {
  const listed = existsSync(sourcesDirectory)
    ? readdirSync(sourcesDirectory).map(name => join(sourcesDirectory, name))
    : [];
  return ['/etc/apt/sources.list', ...listed]
    .filter(name => /\.(list|sources)$/.test(name) && existsSync(name))
    .map(name => ({ name, text: readFileSync(name, 'utf8') }));
}
