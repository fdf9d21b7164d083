// A question about the whole workspace: sources under the answer, and a click that opens the file.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { stateDirectory, stateSuffix } from '../../../engine/shared/caches/cache_directory.ts';
import { answerTokensMax, type Stage } from '../stage.ts';
import { actUntil, limitsMs, until } from '../waiting.ts';

export async function workspaceScenario({
  panel,
  editor,
  extension,
  folder,
  shots,
  step,
}: Stage): Promise<void> {
  const question = 'Where is orderTotal defined?';
  await step('a question about the workspace is answered with sources', async () => {
    await panel.open();
    await panel.newChat();
    await panel.setUseWorkspace(true);
    const answer = await panel.ask(question);
    assert.equal((await answer.end()).status, 'done', await answer.turn.innerText());
    const sources = await answer.sources.allInnerTexts();
    assert.ok(
      sources.some(source => source.includes('src/order.ts')),
      `the sources are ${JSON.stringify(sources)}`,
    );
    await editor.picture(`${shots}/workspace.png`);
    const expected = (await extension.ask(folder, question, answerTokensMax)).trim().split('\n');
    const got = (await answer.copiedText()).trim();
    assert.equal(
      got,
      expected
        .slice(0, expected.length - sources.length)
        .join('\n')
        .trim(),
    );
    assert.deepEqual(sources.map(firstLine), expected.slice(expected.length - sources.length).map(firstLine));
  });
  await step('a click on a source opens the file at that place', async () => {
    const source = panel.answers.last().locator('.source', { hasText: 'src/order.ts' }).first();
    const line = Number(/:(\d+)/.exec(await source.innerText())?.[1]);
    await source.click();
    await editor.activeTab('order.ts');
    await until(
      `the cursor in line ${line}`,
      async () => (await editor.cursor()).line === line,
      limitsMs.editor,
    );
  });
  await step('a second question reuses what was read for the first', async () => {
    const answer = await panel.ask('Where is Stock defined?');
    assert.equal((await answer.end()).status, 'done', await answer.turn.innerText());
    assert.match(await answer.stats.innerText(), /reused|from memory|cached/i);
  });
  const row = (text: string | RegExp) =>
    editor.page
      .locator('.split-view-view', { hasText: 'Files the Model Sees' })
      .locator('.monaco-list-row', { hasText: text });
  const press = (name: string, hasEffect: () => Promise<boolean>): Promise<void> =>
    actUntil(
      `the effect of "${name}"`,
      async () => {
        await row('order.ts').hover({ timeout: limitsMs.editor });
        await row('order.ts').getByRole('button', { name }).click({ timeout: limitsMs.editor });
      },
      hasEffect,
    );
  const toggle = (group: string, hasEffect: () => Promise<boolean>): Promise<void> =>
    actUntil(
      `what "${group}" opens or closes`,
      () => row(group).click({ timeout: limitsMs.editor }),
      hasEffect,
    );
  await step('the files that the model sees are listed, and one can be left out', async () => {
    await editor.command('Hearth: Show Files Seen by the Model');
    await row('order.ts').waitFor({ timeout: limitsMs.editor });
    await editor.picture(`${shots}/files.png`);
    await press('Leave This File Out', async () =>
      /9/.test(await row('Seen whole').innerText({ timeout: limitsMs.editor })),
    );
    // The list shows only what there is room for.
    await toggle('Seen whole', () => row('Left out by you').isVisible());
    await toggle('Left out by you', () => row('order.ts').isVisible());
    const answer = await panel.ask(question);
    assert.equal((await answer.end()).status, 'done', await answer.turn.innerText());
    const sources = await answer.sources.allInnerTexts();
    assert.ok(
      !sources.some(source => source.includes('src/order.ts')),
      `the sources are ${JSON.stringify(sources)}`,
    );
    await press('Undo the Choice for This File', async () => !(await row('Left out by you').isVisible()));
    await editor.command('Hearth: Open Chat');
  });
  await step('after a restart what was read of the files comes from the disk', async () => {
    await panel.newChat();
    await panel.setUseWorkspace(true);
    const since = Date.now();
    const answer = await panel.ask(question);
    assert.equal((await answer.end()).status, 'done', await answer.turn.innerText());
    const said = await answer.copiedText();
    await until('the state to be kept', () => lastKeptAt() >= since);
    await Promise.all([
      editor.page.waitForEvent('load', { timeout: limitsMs.editor }),
      editor.command('Developer: Reload Window'),
    ]);
    await editor.shown();
    await panel.shown();
    await panel.newChat();
    await panel.setUseWorkspace(true);
    const again = await panel.ask(question);
    assert.equal((await again.end()).status, 'done', await again.turn.innerText());
    assert.equal(await again.copiedText(), said);
    assert.match(await again.stats.innerText(), /of them from disk/);
    await editor.picture(`${shots}/from_disk.png`);
  });
  await step('a source whose file is gone says so, and offers no other model', async () => {
    const [path, away] = [join(folder, 'src', 'order.ts'), join(folder, 'src', 'order.ts.away')];
    await editor.command('View: Close All Editors');
    renameSync(path, away);
    await panel.answers.last().locator('.source', { hasText: 'src/order.ts' }).first().click();
    const told = await editor.notification('order.ts cannot be opened any more');
    renameSync(away, path);
    assert.doesNotMatch(told, /Choose Model/);
    await editor.command('Notifications: Clear All Notifications');
    await panel.setUseWorkspace(false);
  });
}

/** When the engines of this run kept or used a state last, in ms. */
function lastKeptAt(): number {
  const directory = stateDirectory();
  const names = existsSync(directory) ? readdirSync(directory) : [];
  const kept = names.filter(name => name.endsWith(stateSuffix));
  return Math.max(0, ...kept.map(name => statSync(join(directory, name)).mtimeMs));
}

/** `src/order.ts:9` of `src/order.ts:9-16`. */
function firstLine(source: string): string {
  return source.replace(/-\d+$/, '');
}
