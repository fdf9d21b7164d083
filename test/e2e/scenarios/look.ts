// Pictures of the panel in the themes people use, with a finished answer in it. They are looked at by people.
import assert from 'node:assert/strict';
import type { Stage } from '../stage.ts';
import { limitsMs, until } from '../waiting.ts';

const themes = [
  { name: 'light', theme: 'Default Light Modern', kind: 'vscode-light' },
  { name: 'high_contrast', theme: 'Default High Contrast', kind: 'vscode-high-contrast' },
  { name: 'dark', theme: 'Default Dark Modern', kind: 'vscode-dark' },
];

export async function lookScenario({ panel, editor, shots, step, setUser }: Stage): Promise<void> {
  for (const { name, theme, kind } of themes) {
    await step(`the panel follows the ${name.replace('_', ' ')} theme`, async () => {
      setUser({ 'workbench.colorTheme': theme });
      await until(`the theme ${theme}`, async () => (await panel.frame.locator('body').getAttribute('class'))?.split(' ').includes(kind), limitsMs.editor);
      assert.ok(await panel.frame.getByLabel('Ask Hearth').first().isVisible());
      await editor.picture(`${shots}/theme_${name}.png`);
    });
  }
}
