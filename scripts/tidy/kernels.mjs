// A kernel is four files of one name: WGSL, its TypeScript, a plain reference and a test. docs/KERNELS.md names every kernel,
// and every piece of WGSL that kernels are put together from.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/places.mjs';

const kernel = /^engine\/kernels\/([a-z0-9_]+)\.wgsl$/;
const kernelOrPiece = /^engine\/kernels\/(?:([a-z0-9_]+)\/)?([a-z0-9_]+)\.wgsl$/;
const documentPath = 'docs/KERNELS.md';

export function kernels(files, document = readFileSync(join(root, documentPath), 'utf8')) {
  return [...partnerFaults(files), ...nameFaults(files, document)];
}

function partnerFaults(files) {
  const paths = new Set(files.map(({ path }) => path));
  return files.flatMap(({ path }) => {
    const name = kernel.exec(path)?.[1];
    if (!name) return [];
    const partners = [
      `engine/kernels/${name}.ts`,
      `test/reference/${name}.ts`,
      `test/engine/kernels/${name}.test.ts`,
    ];
    return partners.filter(partner => !paths.has(partner)).map(partner => `${path}: has no ${partner}`);
  });
}

/** Named means in backticks, alone or with its folder; formats are written in capitals. */
function nameFaults(files, document) {
  const named = new Set([...document.matchAll(/`([\w/]+)`/g)].map(([, name]) => name.toLowerCase()));
  return files.flatMap(({ path }) => {
    const [, folder, name] = kernelOrPiece.exec(path) ?? [];
    if (!name || named.has(name) || named.has(`${folder}/${name}`)) return [];
    return [`${path}: ${documentPath} does not tell of \`${name}\``];
  });
}
