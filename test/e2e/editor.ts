// What a person does with the editor around the panel: palette, files, typing, ghost text, saving.
import { readFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { limitsMs, until } from './waiting.ts';

/** So long the palette may take to show a command before it is opened again. */
const lookMs = 3_000;

export class Editor {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Waits until the workbench is drawn. */
  async shown(): Promise<void> {
    await this.page.locator('.monaco-workbench .activitybar').waitFor({ timeout: limitsMs.editor });
  }

  /** Runs a command from the palette. Its list is made when it opens, so one that is not there yet needs it opened again. */
  async command(title: string): Promise<void> {
    const box = this.page.locator('.quick-input-widget input.input');
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first();
    await until(
      `the command "${title}"`,
      async () => {
        await this.page.keyboard.press('F1');
        // The palette closes when something else takes the focus late, as a page does that has just come up.
        const run = async (): Promise<void> => {
          await box.waitFor({ timeout: lookMs });
          await box.fill(`>${title}`, { timeout: lookMs });
          await row.waitFor({ timeout: lookMs });
          await row.click({ timeout: lookMs });
        };
        if (
          await run().then(
            () => true,
            () => false,
          )
        )
          return true;
        await this.page.keyboard.press('Escape');
        return false;
      },
      limitsMs.editor,
    );
  }

  /** Picks an entry of the list that a command has opened. */
  async pick(label: string): Promise<void> {
    await this.page.locator('.quick-input-widget input.input').fill(label);
    await this.page
      .locator('.quick-input-list .monaco-list-row')
      .filter({ has: this.page.getByText(label, { exact: true }) })
      .first()
      .click({ timeout: limitsMs.editor });
  }

  /** Opens a file of the workspace by its name, in the first editor group; one that is new is found by its whole path. */
  async open(name: string, path = name): Promise<Locator> {
    const box = this.page.locator('.quick-input-widget input.input');
    await this.page.keyboard.press('Control+P');
    await box.waitFor({ timeout: limitsMs.editor });
    await box.fill(path);
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first();
    await row.waitFor({ timeout: limitsMs.editor });
    await row.click();
    await this.activeTab(name);
    return this.page.locator('.editor-instance .monaco-editor').first();
  }

  /** Waits until the active tab is that of a file. */
  async activeTab(name: string): Promise<void> {
    await this.page.locator('.tab.active', { hasText: name }).first().waitFor({ timeout: limitsMs.editor });
  }

  /** The whole text of the notification that names something; waits for it. */
  async notification(named: string): Promise<string> {
    const toast = this.page.locator('.notification-toast', { hasText: named }).first();
    await toast.waitFor({ timeout: limitsMs.engine });
    return toast.innerText();
  }

  /** The line and column that the status bar shows, both from 1. */
  async cursor(): Promise<{ line: number; column: number }> {
    return until('the cursor in the status bar', async () => {
      const texts = await this.page.locator('.statusbar-item').allInnerTexts();
      const place = /Ln (\d+), Col (\d+)/.exec(texts.join('\n'));
      return place ? { line: Number(place[1]), column: Number(place[2]) } : undefined;
    });
  }

  /** The grey text at the cursor, as drawn; waits for it. */
  async ghostText(editor: Locator): Promise<string> {
    const ghost = ghostOf(editor);
    await ghost.first().waitFor({ timeout: limitsMs.engine });
    return (await ghost.allTextContents()).join('').replaceAll('\u00a0', ' ');
  }

  async ghostGone(editor: Locator): Promise<void> {
    await ghostOf(editor).first().waitFor({ state: 'detached', timeout: limitsMs.editor });
  }

  /** Saves the active file and returns its text once it differs from `before`. */
  async save(path: string, before: string): Promise<string> {
    await this.page.keyboard.press('Control+S');
    return until(
      `${path} to be saved`,
      async () => {
        // A file that is being written is empty for a moment.
        if ((await this.page.locator('.tab.active.dirty').count()) > 0) return false;
        const text = readFileSync(path, 'utf8');
        return text !== before && text !== '' && text;
      },
      limitsMs.editor,
    );
  }

  async picture(path: string): Promise<void> {
    await this.page.screenshot({ path });
  }
}

function ghostOf(editor: Locator): Locator {
  return editor.locator(
    '.ghost-text, .ghost-text-decoration, .ghost-text-decoration-preview, .suggest-preview-text',
  );
}
