// The walkthrough: it opens by its command, shows a picture for each step, and its step of completions is done when one was
// accepted, as the scenario before has done.
import assert from 'node:assert/strict';
import type { Stage } from '../stage.ts';
import { limitsMs, until } from '../waiting.ts';

const steps = ['open', 'complete', 'workspace', 'model', 'privacy'];

export async function walkthroughScenario({ editor, shots, step }: Stage): Promise<void> {
  const { page } = editor;
  const row = (id: string) => page.locator(`[data-step-id$="#start#${id}"]`).first();

  await step('the walkthrough opens, and each step shows a picture', async () => {
    await editor.command('Hearth: Open Walkthrough');
    for (const id of steps) {
      await row(id).waitFor({ timeout: limitsMs.editor });
      await row(id).locator('h3').click();
      await until(`the picture of the step "${id}"`, () => isPictureShown(`/walkthrough/`), limitsMs.editor);
      await editor.picture(`${shots}/walkthrough_${id}.png`);
    }
  });
  await step('the step of completions is done since a suggestion was accepted', async () => {
    try {
      await until(
        'its tick',
        async () => (await row('complete').locator('.codicon.complete').count()) > 0,
        limitsMs.editor,
      );
      assert.equal(await row('privacy').locator('.codicon.complete').count(), 0);
    } finally {
      // The scenarios that follow know one page of an extension, that of the chat.
      await editor.command('View: Close All Editors');
    }
  });

  /** Looks into all frames: the pictures are in a page of the editor's own. */
  async function isPictureShown(address: string): Promise<boolean> {
    for (const frame of page.frames()) {
      const found = await frame
        .locator('img')
        .evaluateAll(
          (images, part) =>
            (images as HTMLImageElement[]).some(
              ({ src, naturalWidth, offsetParent }) =>
                decodeURIComponent(src).includes(part) && naturalWidth > 100 && offsetParent !== null,
            ),
          address,
        )
        .catch(() => false);
      if (found) return true;
    }
    return false;
  }
}
