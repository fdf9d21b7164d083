// The package goes into a VS Code again only when it is another one, or when it is not there any more.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { installOnce } from '../../scripts/installed_extension.mjs';
import { temporaryDirectory } from '../support/temporary_directory.ts';

let vsix: string;
let extensions: string;

beforeEach(() => {
  const directory = temporaryDirectory();
  vsix = join(directory, 'hearth.vsix');
  extensions = join(directory, 'extensions');
  writeFileSync(vsix, 'package 1');
});

/** As VS Code leaves an installed extension. */
function install(): void {
  mkdirSync(join(extensions, 'hearth.hearth-1'), { recursive: true });
  writeFileSync(join(extensions, 'hearth.hearth-1', 'package.json'), '{}');
  list([{ identifier: { id: 'hearth.hearth' }, relativeLocation: 'hearth.hearth-1' }]);
}
function list(entries: unknown[]): void {
  writeFileSync(join(extensions, 'extensions.json'), JSON.stringify(entries));
}
const again = (): Promise<boolean> => installOnce({ vsix, extensions, install });

test('a package is installed once, and again when it has changed', async () => {
  expect([await again(), await again()]).toEqual([true, false]);
  writeFileSync(vsix, 'package 2');
  expect([await again(), await again()]).toEqual([true, false]);
});

test('an extension that a user has removed is installed again', async () => {
  await again();
  list([{ identifier: { id: 'somebody.else' }, relativeLocation: 'x' }]);
  expect(await again()).toBe(true);
  rmSync(join(extensions, 'hearth.hearth-1'), { recursive: true });
  expect(await again()).toBe(true);
  rmSync(join(extensions, 'extensions.json'));
  expect(await again()).toBe(true);
});

test('an installation that failed is tried again', async () => {
  await again();
  writeFileSync(vsix, 'package 2');
  const fail = (): void => {
    throw new Error('no room');
  };
  await expect(installOnce({ vsix, extensions, install: fail })).rejects.toThrow('no room');
  writeFileSync(vsix, 'package 1');
  expect(await again()).toBe(true);
});
