// The model page: a model is chosen by advice, fetched from a hub on this machine across a reload of the window, used, checked and
// deleted; the conversation stays. What is fetched is the embedded model under another name, so its answers are known.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../fakes/hub_server.ts';
import { ModelsPage } from '../models_page.ts';
import { answerTokensMax, type Stage } from '../stage.ts';
import { limitsMs, until } from '../waiting.ts';
import { question } from './chat.ts';

const name = 'Qwen3.5 0.8B';
const variant = `${name} (Q8_0)`;
const file = 'Qwen3.5-0.8B-Q8_0.gguf';
const commit = '0123456789abcdef0123456789abcdef01234567';

export async function modelsScenario({
  panel,
  editor,
  extension,
  hub,
  directory,
  shots,
  step,
  set,
}: Stage): Promise<void> {
  const models = new ModelsPage(panel);
  const content = readFileSync(extension.model);
  const folder = join(directory, 'data', 'User', 'globalStorage', 'hearth.hearth', 'models');
  const kept = (): string[] =>
    existsSync(folder) ? readdirSync(folder).filter(one => !one.startsWith('.')) : [];
  const answered = async (): Promise<void> => {
    const answer = await panel.ask(question);
    assert.equal((await answer.end()).status, 'done', await answer.turn.innerText());
  };
  hub.repositories.set('unsloth/Qwen3.5-0.8B-GGUF', { commit, files: [{ path: file, content }] });

  await step('the model page opens from the palette, with advice about this machine', async () => {
    set({ 'hearth.chat.maxTokens': answerTokensMax });
    await panel.open();
    await panel.newChat();
    await panel.setUseWorkspace(false);
    await answered();
    await editor.command('Hearth: Choose Model');
    await models.shown();
    const fit = models.row(name).locator('.fit').first();
    await until('advice about the model', async () =>
      ['Fits', 'Fits with short context'].includes(await fit.innerText()),
    );
    await editor.picture(`${shots}/models.png`);
  });
  await step('a download that is broken off by a reload of the window waits, paused', async () => {
    hub.bytesPerSecond = content.length / 20;
    await models.press(`Download ${name} Q8_0`);
    await until('a part of the file', async () => (await models.fetched()) > 0.25);
    await editor.picture(`${shots}/models_download.png`);
    await Promise.all([
      editor.page.waitForEvent('load', { timeout: limitsMs.editor }),
      editor.command('Developer: Reload Window'),
    ]);
    await editor.shown();
    await panel.shown();
    await until('the conversation to be back', async () => (await panel.questions.count()) === 1);
    await editor.command('Hearth: Choose Model');
    await models.shown();
    await models.downloadSays(/^Paused/);
    assert.ok((await models.fetched()) > 0.2);
    await editor.picture(`${shots}/models_paused.png`);
  });
  await step('it goes on from where it was, and is checked', async () => {
    hub.bytesPerSecond = Infinity;
    hub.seen.length = 0;
    await models.press(`Continue ${variant}`);
    await models.downloadSays(/^Ready to use/);
    const [first = ''] = hub.ranges;
    assert.ok(Number(/^bytes=(\d+)-/.exec(first)?.[1]) > content.length / 5, hub.ranges.join(' '));
    assert.equal(kept().length, 1);
  });
  await step('it is used, and the conversation goes on with it', async () => {
    await models.press(`Use ${variant}`);
    await until('the model to be the one in use', async () =>
      /In use/.test(await models.installed.filter({ hasText: variant }).innerText()),
    );
    assert.equal(await models.downloads.count(), 0);
    await editor.picture(`${shots}/models_used.png`);
    await models.backToChat();
    assert.match(await panel.engine.innerText(), /Qwen3\.5 0\.8B \(Q8_0\)/);
    assert.equal(await panel.questions.count(), 1);
    await answered();
    assert.equal(await panel.questions.count(), 2);
    await panel.newChat();
    const answer = await panel.ask(question);
    assert.equal((await answer.end()).status, 'done');
    const expected = await extension.generate(question, answerTokensMax);
    assert.equal((await answer.copiedText()).trim(), expected.trim());
  });
  await step('its files are checked, and what they are can be read', async () => {
    await editor.command('Hearth: Choose Model');
    await models.shown();
    const row = models.installed.filter({ hasText: variant });
    await models.press(`Check the files of ${variant}`);
    await row.getByText('Checked: every file is as it was published.').waitFor({ timeout: limitsMs.editor });
    await row.getByText('Files and hashes').click();
    const facts = await row.getByTestId('files').innerText();
    assert.ok(facts.includes(commit) && facts.includes(sha256(content)) && facts.includes(file), facts);
    await editor.picture(`${shots}/models_checked.png`);
  });
  await step('the page is as readable in a light theme', async () => {
    await editor.command('Preferences: Color Theme');
    await editor.pick('Light Modern');
    await until('the light theme', async () =>
      (await panel.frame.locator('body').getAttribute('class'))?.split(' ').includes('vscode-light'),
    );
    await editor.picture(`${shots}/models_light.png`);
    await editor.command('Preferences: Color Theme');
    await editor.pick('Dark Modern');
  });
  await step('deleted, it gives way to the model that comes with Hearth', async () => {
    await models.press(`Delete: ${variant}`);
    const dialog = editor.page.locator('.monaco-dialog-box');
    await dialog.waitFor({ timeout: limitsMs.editor });
    await editor.picture(`${shots}/models_delete.png`);
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await until('the model to be gone', async () => (await models.installed.count()) === 1);
    assert.deepEqual(kept(), []);
    await panel.engineReaches('ready');
    await until('the embedded model', async () => /Hearth tiny/.test(await panel.engine.innerText()));
  });
  await step('without a network a download says so, and what helps', async () => {
    await hub.stop();
    await models.press(`Download ${name} Q8_0`);
    await models.downloadSays(/^Stopped/);
    const failure = models.downloads.first().locator('.failure');
    assert.notEqual((await failure.locator('.failure-remedy').innerText()).trim(), '');
    await editor.picture(`${shots}/models_offline.png`);
    await models.press(`Cancel ${variant}`);
    await until('an empty list', async () => (await models.downloads.count()) === 0);
    await models.backToChat();
    await panel.newChat();
    await answered();
  });
}
