// The pictures of the README and of the walkthrough, from the product itself: HEARTH_SCENARIOS=media npm run test:vscode leaves
// them in test-results/vscode/media, to be looked at and copied into media/. No part of any other run.
import { mkdirSync } from 'node:fs';
import type { Stage } from '../stage.ts';
import { limitsMs, until } from '../waiting.ts';

export async function mediaScenario({ panel, editor, shots, step, set }: Stage): Promise<void> {
  const { page } = editor;
  const folder = `${shots}/media`;
  mkdirSync(folder, { recursive: true });
  const picture = (of: string, name: string): Promise<unknown> =>
    page
      .locator(of)
      .first()
      .screenshot({ path: `${folder}/${name}.png` });

  await step('pictures are taken', async () => {
    set({ 'hearth.chat.maxTokens': 120 });
    await page.setViewportSize({ width: 1060, height: 620 });
    await panel.open();
    await widen();
    await panel.setUseWorkspace(true);
    const answer = await panel.ask('Where is Stock defined?');
    await answer.end();
    const source = answer.sources.filter({ hasText: 'src/stock.ts' }).first();
    await source.click();
    await editor.activeTab('stock.ts');
    await page.mouse.move(700, 560);
    // The whole page: the workbench follows a new size of the window late.
    await page.screenshot({ path: `${folder}/screenshot.png` });
    await picture('.part.sidebar', 'chat');
    await source.scrollIntoViewIfNeeded();
    await page.screenshot({ path: `${folder}/workspace.png` });
    await editor.command('Hearth: Choose Model');
    await panel.frame.getByText('Qwen3.5 4B').first().waitFor({ timeout: limitsMs.engine });
    await panel.frame
      .getByText('The GPU has not been looked at yet')
      .first()
      .waitFor({ state: 'hidden', timeout: limitsMs.engine });
    await picture('.part.sidebar', 'model');
    await panel.frame.getByRole('button', { name: /back to the chat/i }).click();

    await page.locator('.editor-instance .view-lines').first().click();
    const view = await editor.open('receipt.js');
    await view.locator('.view-lines').click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('\nexport function isEmpty(lines) {\n  if (', { delay: 30 });
    await editor.ghostText(view);
    await picture('.part.editor', 'completion');
    await page.keyboard.press('Escape');
    await editor.command('Hearth: Show Status and Actions');
    await page.locator('.quick-input-list .monaco-list-row').first().waitFor({ timeout: limitsMs.editor });
    await picture('.quick-input-widget', 'privacy');
    await page.keyboard.press('Escape');
    await editor.command('File: Revert File');
  });

  /** Makes the side bar as wide as people have it. */
  async function widen(): Promise<void> {
    const box = await until(
      'the side bar',
      async () => (await page.locator('.part.sidebar').boundingBox()) ?? undefined,
    );
    await page.mouse.move(box.x + box.width, 300);
    await page.mouse.down();
    await page.mouse.move(box.x + 420, 300, { steps: 5 });
    await page.mouse.up();
  }
}
