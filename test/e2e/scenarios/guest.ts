// A good guest: nothing is loaded before something is asked, the GPU is given back, and what a folder may not decide is told.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage } from '../stage.ts';
import { limitsMs, until } from '../waiting.ts';
import { question } from './chat.ts';

export async function guestScenario({ panel, editor, extension, folder, shots, step }: Stage): Promise<void> {
  const { page } = editor;
  const rows = page.locator('.quick-input-list .monaco-list-row');

  await step('neither the window nor the panel starts an engine; the panel says what does', async () => {
    await panel.open();
    await until(
      'the name of the model',
      async () => /Hearth tiny/.test(await panel.engine.innerText()),
      limitsMs.editor,
    );
    assert.match(await panel.engine.innerText(), /Starts with your first question/);
    assert.equal(await panel.engineState(), 'stopped');
    assert.deepEqual(extension.enginePids(), []);
    await editor.picture(`${shots}/not_started.png`);
  });
  await step('typing starts none either; “Why No Suggestion?” says so, and a pick starts it', async () => {
    const view = await editor.open('receipt.js');
    await view.locator('.view-lines').click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('\nconst total = lines.', { delay: 30 });
    const row = rows.filter({ hasText: 'Hearth starts with your first question' }).first();
    await until(
      'the reason in the list',
      async () => {
        await editor.command('Hearth: Why No Suggestion?');
        await page
          .locator('.quick-input-title', { hasText: 'what became of the last completions' })
          .waitFor({ timeout: limitsMs.editor });
        if (await row.isVisible()) return true;
        await page.keyboard.press('Escape');
        return false;
      },
      limitsMs.editor,
    );
    assert.match(await row.innerText(), /Start now/);
    assert.deepEqual(extension.enginePids(), []);
    await editor.picture(`${shots}/why_no_suggestion.png`);
    await row.click();
    await panel.engineReaches('ready');
    assert.equal(extension.enginePids().length, 1);
    await editor.command('File: Revert File');
  });
  await step(
    'the GPU is freed by hand, and the next question brings model and conversation back',
    async () => {
      const first = await panel.ask(question);
      assert.equal((await first.end()).status, 'done');
      assert.doesNotMatch(await first.stats.innerText(), /model loaded/);
      await editor.command('Hearth: Free the GPU');
      await panel.engineReaches('resting');
      await until('the process to be gone', () => extension.enginePids().length === 0);
      await panel.frame
        .locator('.note', { hasText: 'the GPU is free' })
        .waitFor({ timeout: limitsMs.editor });
      await editor.picture(`${shots}/resting.png`);
      const second = await panel.ask(question);
      assert.equal((await second.end()).status, 'done', await second.turn.innerText());
      assert.match(await second.stats.innerText(), /model loaded in \d/);
      assert.equal(await panel.questions.count(), 2);
      assert.equal(await panel.engineState(), 'ready');
      await panel.newChat();
    },
  );
  await step('a folder that wants another model is not heard, and the user is told', async () => {
    const pids = extension.enginePids();
    mkdirSync(join(folder, '.vscode'), { recursive: true });
    const file = join(folder, '.vscode', 'settings.json');
    writeFileSync(file, '{\n  // for all of us\n  "hearth.model.path": "/shared/other.gguf",\n}\n');
    await (await editor.open('settings.json', file)).click();
    await page.keyboard.type(' ');
    await page.keyboard.press('Control+S');
    assert.match(
      await editor.notification('hearth.model.path'),
      /settings\.json sets "hearth\.model\.path".*yours alone/s,
    );
    await editor.picture(`${shots}/folder_settings.png`);
    assert.equal(await panel.engineState(), 'ready');
    assert.deepEqual(extension.enginePids(), pids);
    rmSync(file);
    await editor.command('View: Revert and Close Editor');
    await editor.command('Notifications: Clear All Notifications');
  });
  await step('the settings open where those of the model are, and these come first', async () => {
    await editor.command('Hearth: Open Settings');
    const settings = page.locator('.settings-editor');
    await settings
      .locator('.setting-item', { hasText: 'Path' })
      .first()
      .waitFor({ timeout: limitsMs.editor });
    const first = await settings.locator('.setting-item-label, .setting-item-category').allInnerTexts();
    await editor.picture(`${shots}/settings.png`);
    assert.match(first.join(' '), /^\W*Hearth › Model: \W*Path/);
    // The settings lie over everything else until they are closed.
    await page.keyboard.press('Escape');
    await settings.waitFor({ state: 'hidden', timeout: limitsMs.editor });
  });
}
