// Another model by its setting: a good one is loaded, a bad one ends in a message with a remedy, and the way back works.
import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage } from '../stage.ts';

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
    await panel.open();
    await editor.command('Hearth: Start the Model');
    await panel.engineReaches('ready');
    const copy = join(directory, 'another-model.gguf');
    copyFileSync(extension.model, copy);
    set({ 'hearth.model.path': copy });
    await panel.runs('another-model');
  });
  await step(
    'a path to no model ends in a message with a remedy, and the model in use goes on answering',
    async () => {
      set({ 'hearth.model.path': join(directory, 'missing.gguf') });
      const told = await editor.notification('missing.gguf');
      assert.match(told, /Cannot read .*missing\.gguf.*Check that the path exists/s);
      await panel.engineReaches('ready');
      await editor.picture(`${shots}/missing_model.png`);
      const answer = await panel.ask('Hi');
      assert.equal((await answer.end()).status, 'done');
    },
  );
  await step('a file that is no model ends in a message too', async () => {
    const rubbish = join(directory, 'rubbish.gguf');
    writeFileSync(rubbish, Buffer.alloc(4096, 7));
    set({ 'hearth.model.path': rubbish });
    assert.match(await editor.notification('rubbish.gguf'), /is not a usable model file/);
    await panel.engineReaches('ready');
  });
  await step('the embedded model is back after the setting is emptied', async () => {
    set({ 'hearth.model.path': '' });
    await panel.runs('Hearth tiny');
  });
}
