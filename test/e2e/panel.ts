// The chat panel as a person sees it, through the two frames in which VS Code shows a page of an extension.
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { limitsMs, until } from './waiting.ts';

export type TurnStatus = 'waiting' | 'reading' | 'streaming' | 'done' | 'stopped' | 'failed';

export class Panel {
  readonly page: Page;
  readonly frame: FrameLocator;

  /** `where`: the editor's frame around the page, where more than one is shown. */
  constructor(page: Page, where = 'iframe.webview.ready') {
    this.page = page;
    this.frame = page.frameLocator(where).frameLocator('iframe#active-frame');
  }

  async open(): Promise<void> {
    if (await this.#box.isVisible()) return;
    await this.page
      .locator('.activitybar [aria-label^="Hearth"]')
      .first()
      .click({ timeout: limitsMs.editor });
    await this.shown();
  }

  /** Waits until it is there by itself, as after a reload of the window: a click on the icon of an open panel closes it. */
  async shown(): Promise<void> {
    await this.#box.waitFor({ timeout: limitsMs.editor });
  }

  /** Writes a question and sends it with Enter; returns its answer's turn. */
  async ask(question: string): Promise<Answer> {
    const before = await this.answers.count();
    await this.#box.click();
    await this.#box.fill(question);
    await this.#box.press('Enter');
    await until('the answer’s turn', async () => (await this.answers.count()) > before, limitsMs.editor);
    return new Answer(this.page, this.answers.nth(before));
  }

  /** Types into the empty input, as a person does, key by key. */
  async type(text: string): Promise<void> {
    await this.#box.fill('');
    await this.#box.pressSequentially(text);
  }
  async press(key: string): Promise<void> {
    await this.#box.press(key);
  }
  /** One of Hearth's own keys, with the cursor in the input. */
  async chord(key: string): Promise<void> {
    await this.#box.click();
    await this.page.keyboard.press('Control+Alt+KeyH');
    await this.page.keyboard.press(key);
  }
  async inputIs(text: string): Promise<void> {
    await until(
      `"${text}" in the input`,
      async () => (await this.#box.inputValue()) === text,
      limitsMs.editor,
    );
  }
  /** Waits until this has the focus in the page, and the user's keys go there. */
  async focusIs(name: string): Promise<void> {
    let last = '';
    const look = async (): Promise<boolean> => {
      last = await this.frame.locator('body').evaluate(() => {
        const outer = document.activeElement;
        if (!document.hasFocus() || !outer || outer === document.body) return '';
        const inner = outer.shadowRoot?.activeElement ?? outer;
        return inner.getAttribute('aria-label') ?? outer.textContent?.trim() ?? '';
      });
      return last === name;
    };
    await until(`the focus on "${name}"`, look, limitsMs.editor).catch((error: unknown) => {
      throw new Error(`${String(error)}; it was on "${last}"`);
    });
  }
  /** The list that opens over the input. */
  get suggestions(): Locator {
    return this.frame.getByRole('option');
  }

  get answers(): Locator {
    return this.frame.locator('[data-turn][data-role="assistant"]');
  }
  get questions(): Locator {
    return this.frame.locator('[data-turn][data-role="user"]');
  }

  async stop(): Promise<void> {
    await this.frame.getByRole('button', { name: 'Stop', exact: true }).click({ timeout: limitsMs.editor });
  }
  async newChat(): Promise<void> {
    await this.frame.getByRole('button', { name: 'New chat' }).click();
    await until(
      'an empty conversation',
      async () => (await this.frame.locator('[data-turn]').count()) === 0,
      limitsMs.editor,
    );
  }

  async setUseWorkspace(on: boolean): Promise<void> {
    const box = this.frame.getByRole('checkbox', { name: 'Ask the whole workspace' });
    await until(
      'the checkbox',
      async () => {
        if ((await box.isChecked()) === on) return true;
        await box.click();
        return false;
      },
      limitsMs.editor,
    );
  }

  async engineState(): Promise<string> {
    return (await this.frame.getByTestId('engine').getAttribute('data-state')) ?? '';
  }
  async engineReaches(state: string): Promise<void> {
    await until(`the engine to be ${state}`, async () => (await this.engineState()) === state);
  }
  /** Waits until this model is ready. How it is loaded may be too quick to be seen. */
  async runs(model: string): Promise<void> {
    await until(
      `${model} to be ready`,
      async () =>
        (await this.engineState()) === 'ready' && (await this.engine.innerText()).split('\n').includes(model),
    );
  }
  get engine(): Locator {
    return this.frame.getByTestId('engine');
  }
  get contextMeter(): Locator {
    return this.frame.getByTestId('context-meter');
  }
  /** The boxes that tell of a failure, in the header and under answers. */
  get failures(): Locator {
    return this.frame.locator('.failure');
  }

  get #box(): Locator {
    return this.frame.getByLabel('Ask Hearth').first();
  }
}

/** One answer of the model. */
export class Answer {
  readonly turn: Locator;
  readonly #page: Page;

  constructor(page: Page, turn: Locator) {
    this.#page = page;
    this.turn = turn;
  }

  async status(): Promise<TurnStatus> {
    return (await this.turn.getAttribute('data-status')) as TurnStatus;
  }

  /** Waits for the end of the answer; returns how it ended. */
  async end(): Promise<{ status: TurnStatus }> {
    const status = await until('the end of the answer', async () => {
      const now = await this.status();
      return ['done', 'stopped', 'failed'].includes(now) && now;
    });
    return { status };
  }

  /** Waits for the first words. */
  async firstWords(): Promise<void> {
    await until(
      'the first words',
      async () => (await this.shownText()).trim() !== '' || ['done', 'failed'].includes(await this.status()),
    );
  }

  /** Waits until the text is longer than it is now. */
  async moreWords(): Promise<void> {
    const { length } = await this.shownText();
    await until('more words', async () => (await this.shownText()).length > length);
  }

  async shownText(): Promise<string> {
    return (await this.turn.locator('.answer').allTextContents()).join('\n');
  }

  /** The answer's own text, by its copy button. */
  async copiedText(): Promise<string> {
    await this.#page.evaluate(() => navigator.clipboard.writeText(''));
    await this.turn.getByRole('button', { name: 'Copy answer' }).click({ timeout: limitsMs.editor });
    return until(
      'the copied answer',
      async () => (await this.#page.evaluate(() => navigator.clipboard.readText())) || undefined,
      limitsMs.editor,
    );
  }

  get stats(): Locator {
    return this.turn.getByTestId('stats');
  }
  get sources(): Locator {
    return this.turn.locator('.source');
  }
}
