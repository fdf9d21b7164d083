// Typing in a file: grey text appears, Tab takes it, and the saved file holds exactly what the engine suggests itself.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Stage } from '../stage.ts';
import { limitsMs, until } from '../waiting.ts';

/** Beginnings that a person may type at the end of src/receipt.js; the first one the model has something for is used. */
const beginnings = [
  '\nexport function addNumbers(a, b) {\n  return ',
  '\n/** The longest line of a receipt. */\nexport function longest(lines) {\n  const ',
  '\nconst total = lines.length',
  '\nexport function isEmpty(lines) {\n  if (',
];

/** How far back a suggestion that was typed through is looked for. */
const lettersBackMax = 8;

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
      // Typing alone starts no engine.
      await editor.command('Hearth: Start the Model');
      const typed = await firstWithSuggestion();
      const view = await editor.open('receipt.js');
      await view.locator('.view-lines').click();
      await editor.page.keyboard.press('Control+End');
      await editor.page.keyboard.type(typed, { delay: 30 });
      const ghost = await editor.ghostText(view);
      await editor.picture(`${shots}/completion.png`);
      await editor.page.keyboard.press('Tab');
      await editor.ghostGone(view);
      const saved = await editor.save(path, original);
      assert.ok(saved.startsWith(original + typed), saved);
      const taken = saved.slice((original + typed).length);
      assert.equal(spaceless(taken), spaceless(ghost));
      await assertSuggested(typed, taken);
    },
  );

  await step(
    'a cell of a notebook is completed with the cells before it, as “Why No Suggestion?” shows in the prompt',
    async () => {
      const { page } = editor;
      const notebook = join(folder, 'cells.ipynb');
      const cells = ['def area_of(radius):\n    return 3 * radius * radius', 'print(ar'].map(source => ({
        cell_type: 'code',
        source,
        outputs: [{ output_type: 'stream', name: 'stdout', text: 'put out before' }],
        execution_count: 1,
        metadata: {},
      }));
      const metadata = { language_info: { name: 'python' } };
      writeFileSync(notebook, JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }));
      await editor.open('cells.ipynb', notebook);
      await page.locator('.notebookOverlay .monaco-editor .view-lines', { hasText: 'print' }).click();
      await page.keyboard.press('End');
      const button = page.locator('.quick-input-list .monaco-list-row .codicon-open-preview').first();
      await until(
        'a request in the list',
        async () => {
          // One that the editor cancels at once goes to no engine: the letter is typed again.
          await page.keyboard.type('e');
          await page.keyboard.press('Backspace');
          await page.keyboard.type('e');
          await editor.command('Hearth: Why No Suggestion?');
          await page
            .locator('.quick-input-title', { hasText: 'what became of the last completions' })
            .waitFor({ timeout: limitsMs.editor });
          const row = page.locator('.quick-input-list .monaco-list-row', { hasText: 'cells.ipynb' }).first();
          if (await row.isVisible()) {
            await row.hover();
            if (await button.isVisible()) return true;
          }
          await page.keyboard.press('Escape');
          return false;
        },
        limitsMs.engine,
      );
      await editor.picture(`${shots}/why_stages.png`);
      await button.click();
      await editor.activeTab('cells.ipynb (prompt)');
      const shown = page.locator('.editor-instance .monaco-editor .view-lines').first();
      const prompt = await until('the prompt', async () => {
        const text = (await shown.innerText()).replaceAll('\u00a0', ' ');
        return text.includes('fim_middle') ? text : undefined;
      });
      await editor.picture(`${shots}/prompt.png`);
      assert.match(prompt, /def area_of\(radius\):[^]*<\|fim_middle\|>print\(ar/);
      assert.doesNotMatch(prompt, /put out before/);
      await editor.command('View: Close Editor');
      await editor.activeTab('cells.ipynb');
      await editor.command('File: Revert File');
      await editor.command('View: Close Editor');
      rmSync(notebook);
    },
  );

  async function firstWithSuggestion(): Promise<string> {
    for (const typed of beginnings) if ((await suggestionAfter(typed)).trim() !== '') return typed;
    throw new Error('the engine suggests nothing for any beginning');
  }

  /** A suggestion stays while the user types what it says, so it may have been made some letters before the end. */
  async function assertSuggested(typed: string, taken: string): Promise<void> {
    const seen: string[] = [];
    for (let back = 0; back <= lettersBackMax; back++) {
      const begun = typed.slice(0, typed.length - back);
      const suggestion = begun + (await suggestionAfter(begun));
      if (suggestion === typed + taken) return;
      seen.push(suggestion);
    }
    assert.fail(`${JSON.stringify(typed + taken)} is none of ${JSON.stringify(seen)}`);
  }

  /** What the engine's own command line suggests when this was typed at the end of the file. */
  async function suggestionAfter(typed: string): Promise<string> {
    const copy = join(directory, 'typed', basename(folder));
    cpSync(folder, copy, { recursive: true });
    const text = original + typed;
    writeFileSync(join(copy, name), text);
    const lines = text.split('\n');
    const place = { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
    return (await extension.complete(copy, name, place)).replace(/\n$/, '');
  }
}

/** Ghost text is drawn in pieces, some of them on lines of their own. */
function spaceless(text: string): string {
  return text.replace(/\s+/g, '');
}
