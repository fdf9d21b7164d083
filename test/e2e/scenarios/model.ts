// Another model by its setting: a good one is loaded, a bad one ends in a message with a remedy, and the way back works.
import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage } from '../stage.ts';
import { until } from '../waiting.ts';

export async function modelScenario({
  panel,
  editor,
  extension,
  shots,
  directory,
  step,
  set,
}: Stage): Promise<void> {
  await step('another model path is loaded into the engine', async () => {
    const copy = join(directory, 'another-model.gguf');
    copyFileSync(extension.model, copy);
    set({ 'hearth.model.path': copy });
    const seen = await panel
      .engineStatesUntil('loading')
      .then(async states => [...states, ...(await panel.engineStatesUntil('ready'))]);
    assert.ok(seen.includes('loading') && seen.includes('ready'), seen.join(' '));
  });
  await step('a path to no model ends in a message with a remedy', async () => {
    set({ 'hearth.model.path': join(directory, 'missing.gguf') });
    await panel.engineReaches('failed');
    assert.match(await panel.failures.first().innerText(), /missing\.gguf/);
    assert.notEqual((await panel.frame.locator('.failure-remedy').first().innerText()).trim(), '');
    await editor.picture(`${shots}/missing_model.png`);
  });
  await step('a file that is no model ends in a message too', async () => {
    const rubbish = join(directory, 'rubbish.gguf');
    writeFileSync(rubbish, Buffer.alloc(4096, 7));
    set({ 'hearth.model.path': rubbish });
    await until(
      'the message about the file',
      async () =>
        (await panel.engineState()) === 'failed' &&
        /rubbish/.test((await panel.failures.allInnerTexts()).join(' ')),
    );
  });
  await step('the embedded model is back after the setting is emptied', async () => {
    set({ 'hearth.model.path': '' });
    await panel.engineReaches('ready');
  });
}
