// The licences of everything that the package carries and that is not ours.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { standardLicence } from './licence_texts.mjs';
import { SetupError } from './setup/command.mjs';
import { nodeHome, root } from './setup/places.mjs';

const dawn = `The file dawn.node is Dawn, the WebGPU implementation of Chromium, built as a library together with the works it is
made of. The npm package names no licences but Dawn's own for them. Names inside the file show Abseil and SPIRV-Tools,
both under the Apache License 2.0. The project lists all of them in the file DEPS and the folder third_party of its
repository, which is at dawn.googlesource.com/dawn; the npm package is made at github.com/dawn-gpu/node-webgpu.`;

/** What `@vscode/tree-sitter-wasm` is made of, as each says of itself; its own licence file names none of them. */
const grammarHolders = [
  '2018 Max Brunsfeld (tree-sitter)',
  '2014-2018 Max Brunsfeld (tree-sitter-bash, -cpp, -css, -go, -javascript, -python, -typescript)',
  '2014-2023 Max Brunsfeld, Damien Guard, Amaan Qureshi, and contributors (tree-sitter-c-sharp)',
  '2017 Ayman Nadeem (tree-sitter-java)',
  '2017 Josh Vera, GitHub; 2019 Max Brunsfeld, Amaan Qureshi, Christian Frøystad, Caleb White (tree-sitter-php)',
  '2016 Rob Rix (tree-sitter-ruby)',
  '2017 Maxim Sokolov (tree-sitter-rust)',
];

/**
 * The text of THIRD_PARTY_NOTICES.txt. `folders`: those of the npm packages that are bundled or shipped, from the project's
 * root. `binaries`: the folder of the WebGPU library that is shipped.
 */
export function thirdPartyNotices(folders, binaries) {
  return [
    'Hearth contains the following works of others, each under its own licence.\n',
    ...packageSections(folders.map(folder => join(root, folder))),
    section('webgpu: the works inside its library', [dawn, ...licenceFiles(binaries)].join('\n\n')),
    section(
      'gguf: the grids of its types IQ1, IQ2 and IQ3 (MIT)',
      standardLicence('MIT', '2023 Georgi Gerganov'),
    ),
    section(
      'tree-sitter and its grammars, in @vscode/tree-sitter-wasm (MIT)',
      standardLicence('MIT', grammarHolders.join('\nCopyright (c) ')),
    ),
    section('Node.js (runtime/)', readFileSync(join(nodeHome, 'LICENSE'), 'utf8')),
  ].join('\n');
}

/** One section for each version of each package, read from its own folder. */
export function packageSections(homes) {
  const sections = homes.map(home => {
    const { name, version, license, ...about } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
    const files = licenceFiles(home);
    const text =
      files.length > 0 ? files.join('\n\n') : standardLicence(license, holderOf({ name, ...about }));
    if (!text)
      throw new SetupError(
        `${name} ${version} ships no text of its licence (${license ?? 'it names none'}), so it cannot be shipped. A standard text goes into scripts/licence_texts.mjs.`,
      );
    return section(`${name} ${version} (${license ?? 'see below'})`, text);
  });
  return [...new Set(sections)].sort();
}

/** Whom a package names as its author, else where it is from. */
function holderOf({ name, author, contributors = [], repository }) {
  const person = [author, ...contributors].find(Boolean);
  const named = typeof person === 'string' ? person.replace(/\s*[<(].*$/, '') : person?.name;
  if (named) return named;
  const address = typeof repository === 'string' ? repository : repository?.url;
  return `the authors of ${name}${address ? ` (${address})` : ''}`;
}

function section(title, text) {
  return `${'='.repeat(80)}\n${title}\n${'='.repeat(80)}\n\n${text.replaceAll('\r\n', '\n').trim()}\n`;
}

/** The texts of all licence and notice files of a folder. */
function licenceFiles(home) {
  if (!existsSync(home)) return [];
  return readdirSync(home)
    .filter(name => /(^|-)(licen[cs]e|notice|copying|thirdpartynotice)/i.test(name))
    .filter(name => /(^[^.]*|\.(md|txt|mit|bsd))$/i.test(name))
    .sort()
    .map(name => readFileSync(join(home, name), 'utf8'));
}
