import { expect, test } from 'vitest';
import {
  archiveEntries,
  archiveFaults,
  binariesOf,
  contentFaults,
  grammars,
} from '../../scripts/package_contents.mjs';

const platform = 'linux-x64';
const needed = [
  'package.json',
  'package.nls.json',
  'package.nls.de.json',
  'package.nls.ko.json',
  'extension/l10n/bundle.l10n.de.json',
  'extension/l10n/bundle.l10n.ko.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'THIRD_PARTY_NOTICES.txt',
  'dist/extension.cjs',
  'dist/engine.mjs',
  'dist/symbol_worker.mjs',
  'dist/webview.js',
  'dist/webview.css',
  'dist/node_modules/webgpu/package.json',
  'dist/node_modules/webgpu/index.js',
  'dist/node_modules/webgpu/LICENSE.md',
  'dist/node_modules/webgpu/dist/linux-x64/dawn.node',
  ...grammars.files.map(name => `${grammars.folder}/${name}`),
  'media/icon.png',
  'media/panel.svg',
  'media/catalogue.json',
  'media/model/hearth-tiny/hearth-tiny-q8_0.gguf',
  'media/model/hearth-tiny/hearth-tiny-logits.json',
  'media/model/hearth-tiny/hearth-limits.json',
  'runtime/node',
];
const whole = [...needed, '.vscodeignore', 'media/walkthrough/chat.md', 'media/screenshot.png'];

test('a package with all it needs, and what is welcome, is right', () => {
  expect(contentFaults(whole, platform)).toEqual([]);
  expect(contentFaults(needed, platform)).toEqual([]);
});

test.each(needed)('one without %s is not', file => {
  expect(
    contentFaults(
      whole.filter(other => other !== file),
      platform,
    ),
  ).toEqual([`${file} is missing`]);
});

test.each([
  'dist/engine.mjs.map',
  'dist/node_modules/webgpu/dist/win32-x64/dawn.node',
  'dist/node_modules/@vscode/tree-sitter-wasm/wasm/tree-sitter-ini.wasm',
  'media/model/other/model.gguf',
  'engine/main.ts',
  '.env',
])('one with %s is not', file => {
  expect(contentFaults([...whole, file], platform)).toEqual([
    `${file} is not meant for the package; if it is, list it in scripts/package_contents.mjs`,
  ]);
});

test('each platform has its own library and its own Node', () => {
  expect(binariesOf('darwin-arm64')).toBe('darwin-universal');
  expect(contentFaults(whole, 'win32-x64')).toContain('runtime/node.exe is missing');
  expect(contentFaults(whole, 'darwin-x64')).toContain(
    'dist/node_modules/webgpu/dist/darwin-universal/dawn.node is missing',
  );
});

const packed = [
  'extension.vsixmanifest',
  '[Content_Types].xml',
  ...needed.map(
    file =>
      `extension/${{ 'README.md': 'readme.md', 'CHANGELOG.md': 'changelog.md', LICENSE: 'LICENSE.txt' }[file] ?? file}`,
  ),
];

test('a finished archive is checked entry by entry, under the names the packer gives', () => {
  expect(archiveFaults(packed, platform)).toEqual([]);
  expect(archiveFaults([...packed, 'extension/test/secret.txt'], platform)).toHaveLength(1);
  expect(archiveFaults(packed.slice(1), platform)).toEqual(['extension.vsixmanifest is missing']);
  expect(archiveFaults(packed.slice(0, -1), platform)).toEqual(['runtime/node is missing']);
});

test('the names of a zip file are read, and what is none is refused', () => {
  const entry = (name: string): Buffer => {
    const head = Buffer.alloc(46);
    head.writeUInt32LE(0x02014b50);
    head.writeUInt16LE(Buffer.byteLength(name), 28);
    head.writeUInt16LE(3, 30);
    return Buffer.concat([head, Buffer.from(name), Buffer.alloc(3)]);
  };
  const entries = Buffer.concat([entry('a.txt'), entry('ordner/ä.txt')]);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(2, 10);
  end.writeUInt32LE(7, 16);
  const zip = Buffer.concat([Buffer.alloc(7), entries, end]);
  expect(archiveEntries(zip)).toEqual(['a.txt', 'ordner/ä.txt']);
  expect(() => archiveEntries(Buffer.from('no zip file at all, but long enough'))).toThrow(RangeError);
  expect(() => archiveEntries(Buffer.concat([Buffer.alloc(100), end]))).toThrow(RangeError);
});
