// Bundles the three programs (extension host, engine, page) and, when asked, the tests that run inside VS Code.
// Options: --production (page minified, no source maps), --watch.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { say, SetupError } from './setup/command.mjs';
import { root } from './setup/places.mjs';
import { runScript, setup } from './setup.mjs';

// The engine is an ES module; what it bundles may still call require() for Node's own modules.
const requireBanner = `import { createRequire as nodeRequire } from 'node:module';\nconst require = nodeRequire(import.meta.url);`;

const node = { platform: 'node', target: 'node22' };
const programs = {
  extension: {
    options: {
      ...node,
      entryPoints: { extension: 'extension/extension.ts' },
      format: 'cjs',
      outExtension: { '.js': '.cjs' },
      external: ['vscode'],
    },
    packages: [
      '@huggingface/blake3-jit',
      '@huggingface/hub',
      '@huggingface/xetchunk-wasm',
      '@vscode/l10n',
      'diff',
      'entities',
      'fuzzysort',
      'gearhash-jit',
      'linkify-it',
      'markdown-it',
      'mdurl',
      'picomatch',
      'punycode.js',
      'uc.micro',
      'vscode-jsonrpc',
      'yaml',
      'strip-json-comments',
      'zod',
    ],
  },
  engine: {
    options: {
      ...node,
      entryPoints: {
        engine: 'engine/main.ts',
        // Beside the engine: a thread of its own (engine/workspace/symbols/symbol_search.ts).
        symbol_worker: 'engine/workspace/symbols/index_worker.ts',
      },
      format: 'esm',
      outExtension: { '.js': '.mjs' },
      external: ['webgpu', '@vscode/tree-sitter-wasm'],
      loader: { '.wgsl': 'text' },
      banner: { js: requireBanner },
    },
    packages: [
      '@huggingface/gguf',
      '@huggingface/jinja',
      '@huggingface/tasks',
      '@huggingface/tokenizers',
      'vscode-jsonrpc',
      'zod',
    ],
  },
  webview: {
    options: {
      platform: 'browser',
      target: 'es2023',
      entryPoints: { webview: 'webview/main.ts' },
      format: 'esm',
      minifyInProduction: true,
    },
    packages: [
      ...[
        '@microsoft/fast-element',
        '@microsoft/fast-foundation',
        '@microsoft/fast-web-utilities',
        '@vscode/l10n',
        '@vscode/webview-ui-toolkit',
      ],
      ...[
        'dompurify',
        'entities',
        'exenv-es6',
        'fuzzysort',
        'highlight.js',
        'katex',
        'linkify-it',
        'markdown-it',
        'mdurl',
        'punycode.js',
        'tabbable',
        'tslib',
        'uc.micro',
      ],
    ],
  },
  webviewStyles: {
    options: { entryPoints: { webview: 'webview/panel.css' }, minifyInProduction: true },
    packages: [],
  },
  bench: {
    options: {
      ...node,
      entryPoints: { 'bench/main': 'test/bench/main.ts' },
      format: 'esm',
      outExtension: { '.js': '.mjs' },
      external: ['webgpu'],
      loader: { '.wgsl': 'text' },
      banner: { js: requireBanner },
    },
    packages: ['@huggingface/gguf', '@huggingface/tasks', 'vscode-jsonrpc', 'zod'],
  },
  workspaceBench: {
    options: {
      ...node,
      // Beside the engine, whose symbol worker it uses.
      entryPoints: { workspace_bench: 'test/bench/workspace/main.ts' },
      format: 'esm',
      outExtension: { '.js': '.mjs' },
      external: ['webgpu', 'typescript', '@vscode/tree-sitter-wasm'],
      loader: { '.wgsl': 'text' },
      banner: { js: requireBanner },
    },
    packages: [
      '@huggingface/gguf',
      '@huggingface/jinja',
      '@huggingface/tasks',
      '@huggingface/tokenizers',
      'vscode-jsonrpc',
      'zod',
    ],
  },
  gpuCheck: {
    options: {
      ...node,
      entryPoints: { 'gpu-check': 'scripts/gpu_check/bundled.mjs' },
      format: 'esm',
      outExtension: { '.js': '.mjs' },
    },
    packages: [],
  },
  hostTests: {
    options: {
      ...node,
      entryPoints: { 'host_tests/index': 'test/host/index.ts' },
      format: 'cjs',
      external: ['vscode', 'mocha'],
    },
    packages: ['@vscode/l10n', 'diff', 'vscode-jsonrpc', 'zod'],
  },
};
const shipped = ['extension', 'engine', 'webview', 'webviewStyles'];

/**
 * Builds the named programs into `outdir`, of another checkout if `from` says so; returns the folders of the npm packages that went in, from the project's root. A
 * package may be there in several versions, each in its own folder. A file is replaced whole and only when it changed, so
 * that a process may read it meanwhile.
 */
export async function build({
  only = shipped,
  outdir = join(root, 'dist'),
  production = false,
  watch = false,
  from = root,
} = {}) {
  const esbuild = await import('esbuild');
  const used = await Promise.all(
    only.map(async name => {
      const options = esbuildOptions(name, { outdir, production, from });
      if (from !== root) return write(await esbuild.build(options));
      if (!watch) return finish(name, await esbuild.build(options));
      const report = {
        name: 'report',
        setup: part =>
          part.onEnd(
            result => void (result.errors.length === 0 && finish(name, result) && say(`built ${name}`)),
          ),
      };
      await (await esbuild.context({ ...options, plugins: [report] })).watch();
      return [];
    }),
  );
  return [...new Set(used.flat())].sort();
}

function esbuildOptions(name, { outdir, production, from }) {
  const { minifyInProduction = false, ...options } = programs[name].options;
  return {
    ...options,
    absWorkingDir: from,
    // Of a checkout that was not set up.
    nodePaths: [join(root, 'node_modules')],
    bundle: true,
    write: false,
    metafile: true,
    outdir,
    minify: production && minifyInProduction,
    sourcemap: production ? false : 'linked',
    legalComments: 'none',
    logLevel: 'warning',
  };
}

/** Checks what went into a bundle and writes it. */
function finish(name, { metafile, outputFiles }) {
  const folders = bundledFolders(metafile);
  const { packages: allowed } = programs[name];
  const stray = folders.filter(folder => !allowed.includes(folder.split('node_modules/').at(-1)));
  if (stray.length > 0)
    throw new SetupError(
      `The ${name} bundle took in ${stray.join(', ')}. Is that wanted? Then list it in scripts/build.mjs.`,
    );
  write({ outputFiles });
  return folders;
}

function write({ outputFiles }) {
  for (const { path, contents } of outputFiles) {
    if (existsSync(path) && readFileSync(path).equals(contents)) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.${process.pid}`, contents);
    renameSync(`${path}.${process.pid}`, path);
  }
  return [];
}

/** Folders of the packages whose files are in a bundle; a copy inside another package is one of its own. */
export function bundledFolders({ inputs }) {
  const folders = Object.keys(inputs).flatMap(
    path => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [],
  );
  return [...new Set(folders)];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await runScript(async () => {
    await setup();
    await build({
      production: process.argv.includes('--production'),
      watch: process.argv.includes('--watch'),
    });
  });
