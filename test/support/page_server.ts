// Started once for all page tests: one Chromium, and one loopback server that serves the bundled panel and the themes.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import { pageHtml } from '../../extension/chat/html.ts';
import { findBrowser } from '../../scripts/setup/browser.mjs';
import { textsIn, type Language } from './languages.ts';
import { unprotected } from './unprotected.ts';

declare module 'vitest' {
  interface ProvidedContext {
    pageServer: string;
    browserEndpoint: string;
  }
}

const root = join(import.meta.dirname, '..', '..');
const themes = join(import.meta.dirname, 'themes');
const bodyClasses: Record<string, string> = {
  dark: 'vscode-dark',
  light: 'vscode-light',
  'hc-dark': 'vscode-high-contrast',
  'hc-light': 'vscode-high-contrast-light',
};

/** Starts everything; the result stops it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  mkdirSync(join(root, 'test-results', 'page'), { recursive: true });
  const files = await bundle();
  for (const without of ['escaping', 'everything'] as const)
    for (const [path, text] of await bundle([unprotected(without)]))
      files.set(`/without-${without}${path}`, text);
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const file =
      url.pathname === '/panel' ? shell(url) : (files.get(url.pathname) ?? themeFile(url.pathname));
    if (file === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': contentType(url.pathname) }).end(file);
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser = await chromium.launchServer({ executablePath: chromiumPath(), args: ['--no-sandbox'] });
  project.provide('pageServer', origin);
  project.provide('browserEndpoint', browser.wsEndpoint());
  return async () => {
    await browser.close();
    server.closeAllConnections();
    server.close();
  };
}

/** The panel's two files, made as for the product. */
async function bundle(plugins: Plugin[] = []): Promise<Map<string, string>> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: { 'dist/webview': 'webview/main.ts', 'dist/webview.styles': 'webview/panel.css' },
    outdir: '.',
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    logLevel: 'silent',
    plugins,
  });
  return new Map(
    result.outputFiles.map(file => {
      const path = file.path.slice(root.length).replaceAll('\\', '/').replace('.styles', '');
      return [path, file.text];
    }),
  );
}

function themeFile(path: string): string | undefined {
  const name = /^\/themes\/([a-z-]+\.css)$/.exec(path)?.[1];
  const file = name && join(themes, name);
  return file && existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** The page as the extension makes it, inside what VS Code adds: theme variables, default styles and body classes. */
function shell(url: URL): string {
  const theme = url.searchParams.get('theme') ?? 'dark';
  const kind = bodyClasses[theme] ?? '';
  const without = url.searchParams.get('without') ?? '';
  const page = pageHtml({
    nonce: 'bm9uY2U',
    cspSource: "'self'",
    scriptUri: `${without && `/without-${without}`}/dist/webview.js`,
    styleUri: '/dist/webview.css',
    texts: textsIn((url.searchParams.get('language') ?? 'en') as Language),
  });
  return (without ? page.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, '') : page)
    .replace(
      '<head>',
      `<head>
  <link rel="icon" href="data:,">
  <link rel="stylesheet" href="/themes/vscode-defaults.css">
  <link rel="stylesheet" href="/themes/${theme}.css">`,
    )
    .replace('<body>', `<body class="${kind}" data-vscode-theme-kind="${kind}">`);
}

function contentType(path: string): string {
  if (path.endsWith('.js')) return 'text/javascript; charset=utf-8';
  return path.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/html; charset=utf-8';
}

/** The browser that the set-up found; CHROMIUM names another one. */
function chromiumPath(): string {
  const found = findBrowser();
  if (!found)
    throw new Error('The page tests need Chromium: install the package "chromium" or set CHROMIUM.');
  return found;
}
