// A real page in a real Chromium: the panel behind the shell, policy and theme it has in VS Code, with a recording host.
import { expect, inject } from 'vitest';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import type { FromPanel, Numbered, ToPanel } from '../../webview/protocol.ts';
import type { Language } from './languages.ts';

export type ThemeName = 'dark' | 'light' | 'hc-dark' | 'hc-light';
export interface PanelOptions {
  theme?: ThemeName;
  width?: number;
  height?: number;
  /** Pixels of the screen to one of the page: 2 is a zoom of 200 %. */
  scale?: number;
  language?: Language;
  /** True: the system forces its own colours on the page. */
  forcedColors?: boolean;
  /** What this page lacks of what protects it, to see that a test notices. */
  without?: Unprotected;
}

/** The escaping of markup and the content policy, so that only the check of markup is left; or that too. */
export type Unprotected = 'escaping' | 'everything';

/** What the stub of the host leaves in the page for the tests. */
interface PageRecord {
  posted: FromPanel[];
  violations: string[];
  /** As VS Code delivers what the host sends: an event whose source is not the page itself. */
  deliver: (message: ToPanel) => void;
  /** The same with a number of the test's own. */
  deliverNumbered: (message: Numbered) => void;
}
declare global {
  interface Window {
    record: PageRecord;
  }
}

/** One opened panel. `close` fails the test when the page reported any error or broke its content policy. */
export class PanelPage {
  private readonly errors: string[] = [];

  constructor(
    readonly page: Page,
    private readonly context: BrowserContext,
  ) {
    page.on('pageerror', error => this.errors.push(String(error)));
    page.on('console', message => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
    page.on('request', request => {
      const { hostname, protocol } = new URL(request.url());
      if (protocol !== 'data:' && hostname !== '127.0.0.1') this.errors.push(`request to ${request.url()}`);
    });
  }

  /** Sends messages as the extension host would, and waits until they are drawn. */
  async send(...messages: ToPanel[]): Promise<void> {
    await this.page.evaluate(list => list.forEach(message => window.record.deliver(message)), messages);
    await this.drawn();
  }

  /** Sends one message a frame, as fast as an engine on a good card would. */
  async stream(messages: ToPanel[]): Promise<void> {
    await this.page.evaluate(async list => {
      for (const message of list) {
        window.record.deliver(message);
        await new Promise(done => requestAnimationFrame(done));
      }
    }, messages);
    await this.drawn();
  }

  /** Makes the page anew, with nothing kept. */
  async makeAnew(): Promise<void> {
    await this.page.evaluate(() => sessionStorage.clear());
    await this.page.reload();
    await this.drawn();
  }

  /** The errors so far, which are then forgiven. */
  takeErrors(): string[] {
    return this.errors.splice(0);
  }

  /** Waits until the page and the controls in it have drawn whatever the page has received so far. */
  async drawn(): Promise<void> {
    await this.page.waitForFunction(() => !document.querySelector('#app[data-due], [data-working]'));
    await this.page.evaluate(
      () =>
        new Promise<void>(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))),
    );
  }

  /** Everything the page has posted, in order. */
  async posted(): Promise<FromPanel[]> {
    return this.page.evaluate(() => window.record.posted);
  }

  /** What was posted of one type. */
  async postedOf<Type extends FromPanel['type']>(type: Type): Promise<Extract<FromPanel, { type: Type }>[]> {
    const all = await this.posted();
    return all.filter((message): message is Extract<FromPanel, { type: Type }> => message.type === type);
  }

  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: `test-results/page/${name}.png` });
  }

  /** Closes a page of which nothing is expected. */
  async abandon(): Promise<void> {
    await this.context.close();
  }

  async close(): Promise<void> {
    const violations = await this.page.evaluate(() => window.record.violations);
    await this.context.close();
    expect({ violations, errors: this.errors }).toEqual({ violations: [], errors: [] });
  }
}

let browser: Promise<Browser> | undefined;

/** Opens the panel in a fresh browser context. */
export async function openPanel(options: PanelOptions = {}): Promise<PanelPage> {
  browser ??= chromium.connect(inject('browserEndpoint'));
  const context = await (
    await browser
  ).newContext({
    viewport: { width: options.width ?? 400, height: options.height ?? 800 },
    deviceScaleFactor: options.scale ?? 1,
    forcedColors: options.forcedColors ? 'active' : 'none',
  });
  const page = await context.newPage();
  const panel = new PanelPage(page, context);
  await page.addInitScript(installHostStub);
  await page.goto(
    `${inject('pageServer')}/panel?theme=${options.theme ?? 'dark'}&language=${options.language ?? 'en'}&without=${options.without ?? ''}`,
  );
  await panel.drawn();
  return panel;
}

/** Runs in the page before its own script: the one function VS Code gives to a webview, recording what is posted. */
function installHostStub(): void {
  const log = String(Math.random());
  let seq = 0;
  const record: PageRecord = {
    posted: [],
    violations: [],
    deliver: message => record.deliverNumbered({ log, seq: (seq += 1), message }),
    deliverNumbered: data => window.dispatchEvent(new MessageEvent('message', { data })),
  };
  window.record = record;
  document.addEventListener('securitypolicyviolation', event => {
    record.violations.push(
      `${event.violatedDirective}: ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`,
    );
  });
  Object.assign(window, {
    acquireVsCodeApi: () => ({
      postMessage: (message: FromPanel) => record.posted.push(message),
      getState: () => JSON.parse(sessionStorage.getItem('saved') ?? 'null') as unknown,
      setState: (value: unknown) => sessionStorage.setItem('saved', JSON.stringify(value)),
    }),
  });
}
