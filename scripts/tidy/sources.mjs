// The files that the rules look at, with their text and what they import.
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import { root } from '../setup/places.mjs';

const folders = ['engine', 'extension', 'webview', 'test', 'scripts'];
const rootFiles = ['eslint.config.mjs', 'vitest.config.mts', 'vitest.page.config.mts'];
const notOurs = /(^|\/)(node_modules|golden|sample_workspace)\//;

/** @returns {{ path: string, text: string, imports: { target: string, typeOnly: boolean }[] }[]} sorted by path */
export function sources() {
  const paths = folders.flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && /\.(ts|mjs|wgsl|css|py)$/.test(entry.name))
      .map(entry => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/')),
  );
  return [...paths, ...rootFiles]
    .filter(path => !notOurs.test(path))
    .sort()
    .map(path => {
      const text = readFileSync(join(root, path), 'utf8');
      return { path, text, imports: importsOf(path, text) };
    });
}

/** Targets inside the project are paths from its root; others are package names. */
function importsOf(path, text) {
  const found = [];
  const add = (target, typeOnly) =>
    found.push({
      target: target.startsWith('.') ? posix.join(posix.dirname(path), target) : target,
      typeOnly,
    });
  for (const [, typed, target] of text.matchAll(
    /^(?:import|export)\s+(type\s)?[^'"`;]*?\sfrom\s+['"]([^'"]+)['"]/gm,
  ))
    add(target, typed !== undefined);
  for (const [, target] of text.matchAll(/^import\s+['"]([^'"]+)['"]/gm)) add(target, false);
  for (const [, target] of text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)) add(target, false);
  for (const [, target] of text.matchAll(/^@import\s+['"]([^'"]+)['"]/gm)) add(target, false);
  return found;
}
