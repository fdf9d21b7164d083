// Rules about one file at a time: header, stray console output, skipped tests, paths of one machine, citations of documents.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/places.mjs';

const product = /^(engine|extension|webview)\//;

/** A document of docs/ and the numbers of sections behind it ("6.2", "8.2, 8.3", "8.1 to 8.3"); a comment may break between them. */
const citation =
  /\bdocs\/([A-Z][A-Z_]*\.md)((?:\s+(?:(?:\/\/|\*)\s+)?\d+(?:\.\d+)*(?:,| to| and)?(?![\w%]))*)/g;

/** @param read gives the text of a document by its name in docs/, undefined when there is none */
export function contents(files, read = readDocument) {
  return files.flatMap(({ path, text }) => {
    const found = [];
    if (/\.(ts|mts|mjs)$/.test(path) && !/\.(d|test)\.ts$/.test(path) && !text.startsWith('// '))
      found.push(`${path}: does not start with a comment that says what it is`);
    if (product.test(path) && /\bconsole\s*\.\s*(log|info|debug|table)\s*\(/.test(text))
      found.push(`${path}: writes to stdout by console; use the log`);
    if (
      /\.test\.ts$/.test(path) &&
      /\b(describe|it|test|suite)\s*\.\s*(only|skip|todo|fails)\b(?!If)/.test(text)
    )
      found.push(`${path}: has a focused, skipped or unwritten test`);
    if (/(^|['"`\s(=])(\/home\/\w|\/Users\/\w|\/root\/|\/work\/|\/tmp\/w\/|[A-Z]:\\\\Users)/m.test(text))
      found.push(`${path}: names a path of one machine`);
    if (product.test(path) && /\b(TODO|FIXME|XXX)\b/.test(text))
      found.push(`${path}: has an unfinished part`);
    if (/\.(ts|mjs)$/.test(path) && /^\s*\.\.\.(?:\{ .* \}|\[[^\]\n]*\]),$/m.test(text))
      found.push(`${path}: spreads a literal, which only keeps lines short`);
    if (/\.(ts|mjs|wgsl)$/.test(path) && !/^[a-z0-9_./]+$/.test(path))
      found.push(`${path}: file names are snake_case`);
    return [...found, ...citationFaults(path, text, read)];
  });
}

/** A comment cites only documents that are there, and only sections that they have. */
function citationFaults(path, text, read) {
  return [...text.matchAll(citation)].flatMap(([, name, numbers]) => {
    const document = read(name);
    if (document === undefined) return [`${path}: cites docs/${name}, which does not exist`];
    const sections = new Set([...document.matchAll(/^#+ (\d+(?:\.\d+)*)\s/gm)].map(([, number]) => number));
    return (numbers.match(/\d+(?:\.\d+)*/g) ?? [])
      .filter(number => !sections.has(number))
      .map(number => `${path}: cites docs/${name} ${number}, a section that does not exist`);
  });
}

function readDocument(name) {
  const path = join(root, 'docs', name);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
