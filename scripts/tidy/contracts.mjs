// The contracts and their documents: every method is in docs/PROTOCOL.md, which holds the hash of engine/protocol; every
// command of the manifest is registered.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/places.mjs';
import { sources } from './sources.mjs';

const document = join(root, 'docs', 'PROTOCOL.md');
const hashLine = /^Hash of `engine\/protocol`: `[0-9a-f]*`$/m;

export function contracts(files) {
  return [...protocolFaults(files), ...commandFaults(files)];
}

/** Writes the present hash into the document, at its end when it has none. */
export function refreshProtocolHash() {
  const text = readFileSync(document, 'utf8');
  const line = `Hash of \`engine/protocol\`: \`${protocolHash(sources())}\``;
  writeFileSync(
    document,
    hashLine.test(text) ? text.replace(hashLine, line) : `${text.trimEnd()}\n\n${line}\n`,
  );
}

function protocolFaults(files) {
  if (!existsSync(document)) return ['docs/PROTOCOL.md is missing'];
  const text = readFileSync(document, 'utf8');
  const methods = protocolFiles(files).flatMap(file =>
    [...file.text.matchAll(/new (?:Request|Notification)Type0?(?:<[^(]*>)?\(\s*'([^']+)'/g)].map(
      ([, name]) => name,
    ),
  );
  const found = methods
    .filter(name => !text.includes(`\`${name}\``))
    .map(name => `docs/PROTOCOL.md: does not tell of \`${name}\``);
  if (methods.length === 0) found.push('engine/protocol: no method was found');
  if (!text.includes(protocolHash(files)))
    found.push(
      'docs/PROTOCOL.md: engine/protocol has changed since it was written; correct it, then run `node scripts/tidy.mjs --fix`',
    );
  return found;
}

function commandFaults(files) {
  const { contributes } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const extension = files
    .filter(({ path }) => path.startsWith('extension/'))
    .map(({ text }) => text)
    .join('\n');
  return contributes.commands
    .map(({ command }) => command)
    .filter(command => !extension.includes(`'${command}'`))
    .map(command => `package.json: no code registers ${command}`);
}

function protocolFiles(files) {
  return files.filter(({ path }) => path.startsWith('engine/protocol/'));
}

function protocolHash(files) {
  const hash = createHash('sha256');
  for (const { path, text } of protocolFiles(files)) hash.update(`${path}\n${text}\n`);
  return hash.digest('hex');
}
