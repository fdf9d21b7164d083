// What a package must hold and what it may hold besides: checked file by file, when it is staged and when it is packed. Pure.

/** The languages that Hearth speaks besides English. */
export const languages = ['de', 'ko'];
/** The files with their texts. */
export const translations = languages.flatMap(language => [
  `package.nls.${language}.json`,
  `extension/l10n/bundle.l10n.${language}.json`,
]);

/** What VS Code's packer calls some files. */
const packedNames = { 'readme.md': 'README.md', 'changelog.md': 'CHANGELOG.md', 'LICENSE.txt': 'LICENSE' };
const packersOwn = ['extension.vsixmanifest', '[Content_Types].xml'];

/** The package with the grammars that the engine reads files by, and which of its files it uses. */
export const grammars = {
  folder: 'dist/node_modules/@vscode/tree-sitter-wasm',
  files: [
    'package.json',
    'LICENSE',
    'wasm/tree-sitter.js',
    'wasm/tree-sitter.wasm',
    ...[
      'bash',
      'c-sharp',
      'cpp',
      'css',
      'go',
      'java',
      'javascript',
      'php',
      'python',
      'ruby',
      'rust',
      'tsx',
      'typescript',
    ].map(name => `wasm/tree-sitter-${name}.wasm`),
  ],
};

/** `platform` as VS Code names it: `linux-x64`, `darwin-arm64`, … */
function layoutOf(platform) {
  const library = 'dist/node_modules/webgpu';
  const binaries = `${library}/dist/${binariesOf(platform)}`;
  return {
    needed: [
      'package.json',
      'package.nls.json',
      ...translations,
      'README.md',
      'CHANGELOG.md',
      'LICENSE',
      'THIRD_PARTY_NOTICES.txt',
      'dist/extension.cjs',
      'dist/engine.mjs',
      'dist/symbol_worker.mjs',
      'dist/webview.js',
      'dist/webview.css',
      ...['package.json', 'index.js', 'LICENSE.md'].map(name => `${library}/${name}`),
      `${binaries}/dawn.node`,
      ...grammars.files.map(name => `${grammars.folder}/${name}`),
      'media/icon.png',
      'media/panel.svg',
      'media/catalogue.json',
      ...['hearth-tiny-q8_0.gguf', 'hearth-tiny-logits.json', 'hearth-limits.json'].map(
        name => `media/model/hearth-tiny/${name}`,
      ),
      platform.startsWith('win32') ? 'runtime/node.exe' : 'runtime/node',
    ],
    welcome: [
      /^\.vscodeignore$/,
      new RegExp(`^${binaries}/[A-Za-z0-9_.-]+$`),
      /^media\/[a-z_]+\.(png|svg)$/,
      /^media\/walkthrough\/[a-z_]+\.(md|png|svg)$/,
      /^media\/model\/hearth-tiny\/README\.md$/,
    ],
  };
}

/** The folder of the WebGPU package in which the library of a platform is. */
export function binariesOf(platform) {
  return platform.startsWith('darwin') ? 'darwin-universal' : platform;
}

/** What is wrong with the files of a package for a platform, in words; none when it is right. */
export function contentFaults(files, platform) {
  const { needed, welcome } = layoutOf(platform);
  const stray = files.filter(file => !needed.includes(file) && !welcome.some(pattern => pattern.test(file)));
  return [
    ...needed.filter(file => !files.includes(file)).map(file => `${file} is missing`),
    ...stray.map(
      file => `${file} is not meant for the package; if it is, list it in scripts/package_contents.mjs`,
    ),
  ];
}

/** The same for the entries of a finished .vsix. */
export function archiveFaults(entries, platform) {
  const own = packersOwn.filter(name => !entries.includes(name)).map(name => `${name} is missing`);
  const files = entries
    .filter(entry => !packersOwn.includes(entry))
    .map(entry => {
      const file = entry.replace(/^extension\//, '');
      return packedNames[file] ?? file;
    });
  return [...own, ...contentFaults(files, platform)];
}

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;

/** Names of all entries of a zip file, from its central directory. Throws RangeError when it is none. */
export function archiveEntries(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.byteLength - 22;
  while (end > 0 && view.getUint32(end, true) !== endSignature) end--;
  if (end <= 0) throw new RangeError('this is no zip file');
  const names = [];
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (view.getUint32(at, true) !== entrySignature) throw new RangeError('its list of files is damaged');
    const [name, extra, comment] = [28, 30, 32].map(offset => view.getUint16(at + offset, true));
    names.push(new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + name)));
    at += 46 + name + extra + comment;
  }
  return names;
}
