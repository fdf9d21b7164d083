// Pictures of the panel in the themes people use, with a finished answer in it. They are looked at by people.
import assert from 'node:assert/strict';
import type { Stage } from '../stage.ts';
import { limitsMs, until } from '../waiting.ts';

const themes = [
  { name: 'light', theme: 'Light Modern', kind: 'vscode-light' },
  { name: 'high_contrast', theme: 'Dark High Contrast', kind: 'vscode-high-contrast' },
  { name: 'dark', theme: 'Dark Modern', kind: 'vscode-dark' },
];

export async function lookScenario({ panel, editor, shots, step }: Stage): Promise<void> {
  for (const { name, theme, kind } of themes) {
    await step(`the panel follows the ${name.replace('_', ' ')} theme`, async () => {
      await editor.command('Preferences: Color Theme');
      await editor.pick(theme);
      await until(
        `the theme ${theme}`,
        async () => (await panel.frame.locator('body').getAttribute('class'))?.split(' ').includes(kind),
        limitsMs.editor,
      );
      assert.ok(await panel.frame.getByLabel('Ask Hearth').first().isVisible());
      await editor.picture(`${shots}/theme_${name}.png`);
    });
  }
}
