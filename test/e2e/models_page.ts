// The model page as a person sees it, inside the panel.
import type { Locator } from 'playwright-core';
import type { Panel } from './panel.ts';
import { limitsMs, until } from './waiting.ts';

export class ModelsPage {
  readonly #panel: Panel;

  constructor(panel: Panel) {
    this.#panel = panel;
  }

  get page(): Locator {
    return this.#panel.frame.getByTestId('models');
  }
  get downloads(): Locator {
    return this.page.getByTestId('download');
  }
  get installed(): Locator {
    return this.page.getByTestId('installed-model');
  }
  /** The row of a model in the catalogue. */
  row(name: string): Locator {
    return this.page.getByTestId('catalogue-model').filter({ hasText: name });
  }

  async shown(): Promise<void> {
    await this.page.waitFor({ timeout: limitsMs.editor });
  }

  /** Presses a button of the page by its name. */
  async press(name: string | RegExp): Promise<void> {
    await this.page.getByRole('button', { name }).first().click({ timeout: limitsMs.editor });
  }

  async backToChat(): Promise<void> {
    await this.press('Back to the chat');
    await this.page.waitFor({ state: 'hidden', timeout: limitsMs.editor });
  }

  /** Waits until the only download says something. */
  async downloadSays(what: RegExp): Promise<void> {
    const status = this.page.getByTestId('download-status').first();
    await until(`a download that says ${what}`, async () => what.test(await status.innerText()));
  }

  /** Bytes that the download bar shows, 0 to 1. */
  async fetched(): Promise<number> {
    return Number((await this.downloads.first().locator('progress').getAttribute('value')) ?? 0);
  }
}
