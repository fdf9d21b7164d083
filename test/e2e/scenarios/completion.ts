// Typing in a file: grey text appears, Tab takes it, and the saved file holds exactly what the engine suggests itself.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Stage } from '../stage.ts';

/** Beginnings that a person may type at the end of src/receipt.js; the first one the model has something for is used. */
const beginnings = [
  '\nexport function addNumbers(a, b) {\n  return ',
  '\n/** The longest line of a receipt. */\nexport function longest(lines) {\n  const ',
  '\nconst total = lines.length',
  '\nexport function isEmpty(lines) {\n  if (',
];

export async function completionScenario({
  editor,
  extension,
  folder,
  shots,
  directory,
  step,
}: Stage): Promise<void> {
  const name = 'src/receipt.js';
  const path = join(folder, name);
  const original = readFileSync(path, 'utf8');

  await step(
    'typing brings grey text, Tab takes it, and the file holds what the engine suggests',
    async () => {
      const { typed, suggested } = await choose();
      const view = await editor.open('receipt.js');
      await view.locator('.view-lines').click();
      await editor.page.keyboard.press('Control+End');
      await editor.page.keyboard.type(typed, { delay: 30 });
      const ghost = await editor.ghostText(view);
      await editor.picture(`${shots}/completion.png`);
      assert.equal(spaceless(ghost), spaceless(suggested));
      await editor.page.keyboard.press('Tab');
      await editor.ghostGone(view);
      assert.equal(await editor.save(path, original), original + typed + suggested);
    },
  );

  async function choose(): Promise<{ typed: string; suggested: string }> {
    const copy = join(directory, 'typed', basename(folder));
    cpSync(folder, copy, { recursive: true });
    for (const typed of beginnings) {
      const text = original + typed;
      writeFileSync(join(copy, name), text);
      const lines = text.split('\n');
      const output = await extension.complete(copy, name, {
        line: lines.length,
        column: (lines.at(-1) ?? '').length + 1,
      });
      const suggested = output.replace(/\n$/, '');
      if (suggested.trim() !== '') return { typed, suggested };
    }
    throw new Error('the engine suggests nothing for any beginning');
  }
}

/** Ghost text is drawn in pieces, some of them on lines of their own. */
function spaceless(text: string): string {
  return text.replace(/\s+/g, '');
}
