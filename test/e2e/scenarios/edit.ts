// Code of an answer in the user's files, as a person brings it there: applied and reviewed by lens and by key, run in a terminal, and an
// edit in place. The model says what it is told.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeParrot } from '../../support/parrot_model.ts';
import type { Stage } from '../stage.ts';
import { limitsMs, until } from '../waiting.ts';

const imports = "import { priceOf, freeCups } from './prices';";
const body =
  '  return lines.reduce((sum, line) => sum + priceOf(line.tea) * (line.cups - freeCups(line)), 0);';
const madeByCommand = 'made_by_a_command.txt';
const says = [
  'Change it so:\n\n',
  '```ts src/order.ts\n',
  `${imports}\n\n`,
  'export function orderTotal(lines: OrderLine[]): number {\n',
  `${body}\n`,
  '}\n```\n\n',
  'Then run this:\n\n```bash\n',
  `$ echo done > ${madeByCommand}`,
  '\n```\n',
];

export async function editScenario({
  panel,
  editor,
  directory,
  folder,
  shots,
  step,
  set,
}: Stage): Promise<void> {
  const { page } = editor;
  const file = join(folder, 'src', 'order.ts');
  const original = readFileSync(file, 'utf8');
  const applied = original
    .replace(/^import .*$/m, imports)
    .replace(/ {2}let total[\s\S]*return total;/, body);
  const lens = (title: string) => page.locator('.codelens-decoration a', { hasText: title });
  const lensIs = (title: string): Promise<void> => lens(title).first().waitFor({ timeout: limitsMs.editor });
  const chord = async (key: string): Promise<void> => {
    await page.keyboard.press('Control+Alt+KeyH');
    await page.keyboard.press(key);
  };
  const isSavedAs = async (text: string): Promise<void> => {
    await page.keyboard.press('Control+S');
    await until('the saved text', () => readFileSync(file, 'utf8') === text, limitsMs.editor);
  };

  await step('code of an answer is applied to the file it names, and shown change by change', async () => {
    await panel.open();
    await editor.command('Hearth: Start the Model');
    await panel.engineReaches('ready');
    set({ 'hearth.model.path': writeParrot(join(directory, 'edits.gguf'), { script: says }) });
    await panel.runs('edits');
    await panel.newChat();
    const answer = await panel.ask('Shorten orderTotal.');
    assert.equal((await answer.end()).status, 'done');
    await answer.turn.getByRole('button', { name: 'Apply to file' }).first().click();
    await editor.activeTab('order.ts');
    await lensIs('2 changes left');
    await page.locator('.statusbar-item', { hasText: 'Ctrl+Alt+H Y accepts' }).waitFor();
    await editor.picture(`${shots}/apply_review.png`);
  });
  await step('a change is rejected by its lens and the rest accepted by keys', async () => {
    await lens('Reject').filter({ hasNotText: 'All' }).first().click();
    await lensIs('1 change left');
    await chord('y');
    await lens('Accept').first().waitFor({ state: 'detached', timeout: limitsMs.editor });
    await isSavedAs(applied.replace(imports, original.split('\n')[0] ?? ''));
  });
  await step(
    'undo brings back one after the other: the rejected change, then the file as it was',
    async () => {
      await page.keyboard.press('Control+Z');
      await lensIs('1 change left');
      await page.keyboard.press('Control+Z');
      await lens('Accept').first().waitFor({ state: 'detached', timeout: limitsMs.editor });
      await isSavedAs(original);
    },
  );
  await step('a command runs in a terminal after the whole of it was shown', async () => {
    await panel.answers.last().getByRole('button', { name: 'Run in terminal' }).click();
    const dialog = page.locator('.monaco-dialog-box');
    await dialog.waitFor({ timeout: limitsMs.editor });
    assert.ok((await dialog.innerText()).includes(`echo done > ${madeByCommand}`));
    assert.ok(!existsSync(join(folder, madeByCommand)));
    await editor.picture(`${shots}/run_in_terminal.png`);
    await dialog.getByRole('button', { name: 'Run', exact: true }).click();
    await until('what the command makes', () => existsSync(join(folder, madeByCommand)), limitsMs.editor);
  });
  await step('an edit in place is described in a small box, and grows into a review', async () => {
    await editor.open('order.ts');
    await page.keyboard.press('Control+G');
    await page.keyboard.type('9');
    await page.keyboard.press('Enter');
    for (let line = 9; line < 17; line++) await page.keyboard.press('Shift+ArrowDown');
    await chord('e');
    const box = page.locator('.quick-input-widget input.input');
    await box.waitFor({ timeout: limitsMs.editor });
    await editor.picture(`${shots}/inline_edit_box.png`);
    await page.keyboard.type('make it shorter');
    await page.keyboard.press('Enter');
    await lensIs('Retry');
    await editor.picture(`${shots}/inline_edit.png`);
    await lens('Removed Lines').first().click();
    const peek = page.locator('.peekview-widget .monaco-editor').first();
    await until(
      'the removed lines',
      async () => (await peek.innerText()).includes('Math.floor'),
      limitsMs.editor,
    );
    await editor.picture(`${shots}/removed_lines.png`);
    await page.keyboard.press('Escape');
    await chord('Backspace');
    await lens('Accept').first().waitFor({ state: 'detached', timeout: limitsMs.editor });
  });
  await step('the embedded model is back after the edits', async () => {
    set({ 'hearth.model.path': '' });
    await panel.runs('Hearth tiny');
    // A file with changes would ask before it is closed.
    await editor.command('File: Revert File');
  });
}
