// The licences of everything that the package carries and that is not ours.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './setup/command.mjs';
import { nodeHome, root } from './setup/places.mjs';

/** The text of THIRD_PARTY_NOTICES.txt. `packages`: names of the npm packages that are bundled or shipped. */
export function thirdPartyNotices(packages) {
  const parts = [...packages].sort().map(name => {
    const home = join(root, 'node_modules', name);
    const { version, license } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
    const text = licenceText(home) ?? (license ? `Licence: ${license}` : undefined);
    if (!text) throw new SetupError(`${name} names no licence, so it cannot be shipped.`);
    return section(`${name} ${version} (${license ?? 'see below'})`, text);
  });
  const node = section('Node.js (runtime/)', readFileSync(join(nodeHome, 'LICENSE'), 'utf8'));
  return [
    'Hearth contains the following works of others, each under its own licence.\n',
    ...parts,
    node,
  ].join('\n');
}

function section(title, text) {
  return `${'='.repeat(80)}\n${title}\n${'='.repeat(80)}\n\n${text.replaceAll('\r\n', '\n').trim()}\n`;
}

/** All licence and notice files of a package, or undefined. */
function licenceText(home) {
  const names = readdirSync(home).filter(
    name => /^(licen[cs]e|notice|copying)/i.test(name) && /(^[^.]*|\.(md|txt|mit|bsd))$/i.test(name),
  );
  const texts = names.sort().map(name => readFileSync(join(home, name), 'utf8'));
  return texts.length > 0 ? texts.join('\n\n') : undefined;
}
