// A headless Chromium that can reach nothing but this machine.
import { chromium, type Browser, type Page } from 'playwright-core';

export interface OpenBrowser {
  browser: Browser;
  page: Page;
  /** Hosts outside this machine that were asked for (and refused). */
  outside: Set<string>;
}

/** Opens a browser with one page, allowed to read the clipboard as a person is. */
export async function openBrowser(): Promise<OpenBrowser> {
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const outside = new Set<string>();
  await context.route(
    url => /^https?:$/.test(url.protocol) && !['127.0.0.1', 'localhost'].includes(url.hostname),
    route => {
      outside.add(new URL(route.request().url()).host);
      return route.abort();
    },
  );
  return { browser, page: await context.newPage(), outside };
}
