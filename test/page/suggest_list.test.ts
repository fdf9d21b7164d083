// The list of suggestions over the composer, as the commands that begin with a slash use it.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CommandsView } from '../../webview/protocol.ts';
import { openPanel, type PanelOptions, type PanelPage } from '../support/page.ts';
import { answer, panelState, question } from '../support/panel_states.ts';

const commands: CommandsView = {
  commands: [
    { name: 'explain', description: 'Explain the selected code', source: 'own' },
    { name: 'fix', description: 'Fix a problem', hint: 'what is wrong', source: 'own' },
    { name: 'tests', description: 'Write tests', source: 'own' },
    { name: 'release-notes', description: 'From my file', hint: 'version', source: 'promptFile' },
  ],
  note: 'A remark about prompt files.',
};
let panel: PanelPage;
const open = async (options?: PanelOptions): Promise<void> => {
  panel = await openPanel(options);
  await panel.send({ type: 'snapshot', state: panelState({ commands }) });
  await panel.send({ type: 'focusInput' });
};
beforeEach(() => open());
afterEach(() => panel.close());

const box = () => panel.page.getByLabel('Ask Hearth');
const list = () => panel.page.getByRole('listbox', { name: 'Commands' });
const options = () => panel.page.getByRole('option');
const selected = () =>
  panel.page.getByRole('option', { selected: true }).locator('.suggest-label').innerText();
/** What a screen reader is told of the list: the active item of the control that has the focus. */
const told = (): Promise<string | undefined> =>
  panel.page.evaluate(() => {
    const focused = document.activeElement?.shadowRoot?.activeElement ?? document.activeElement;
    return focused?.ariaActiveDescendantElement?.querySelector('.suggest-label')?.textContent ?? undefined;
  });
const press = async (...keys: string[]): Promise<void> => {
  for (const key of keys) await panel.page.keyboard.press(key);
};

test('a slash at the beginning offers every command, with hint, description and remark', async () => {
  await panel.page.keyboard.type('/');
  expect(await list().isVisible()).toBe(true);
  expect(await options().locator('.suggest-label').allInnerTexts()).toEqual([
    '/explain',
    '/fix',
    '/tests',
    '/release-notes',
  ]);
  expect(await options().nth(1).innerText()).toContain('what is wrong');
  expect(await options().nth(3).innerText()).toContain('From my file');
  expect(await panel.page.getByText('A remark about prompt files.').isVisible()).toBe(true);
  await panel.screenshot('suggest-list');
});

test('the list stays when the editor takes the focus from the page for a moment, and closes when the user leaves the box', async () => {
  await panel.page.keyboard.type('/');
  // What has the focus within a page stays the same when the page as a whole loses it.
  await panel.page.evaluate(() =>
    document.activeElement?.shadowRoot?.activeElement?.dispatchEvent(new FocusEvent('blur')),
  );
  expect(await list().isVisible()).toBe(true);
  await panel.page.getByRole('button', { name: 'Conversations' }).focus();
  expect(await list().isVisible()).toBe(false);
});

test('a slash elsewhere, and a path, offer nothing', async () => {
  await panel.page.keyboard.type('and/');
  expect(await list().isVisible()).toBe(false);
  await box().fill('');
  await panel.page.keyboard.type('/usr/');
  expect(await list().isVisible()).toBe(false);
  await box().fill('');
  await panel.page.keyboard.type('/fix it');
  expect(await list().isVisible()).toBe(false);
});

test('arrows move and meet at the ends, the focus stays in the box, and a screen reader hears the item', async () => {
  await panel.page.keyboard.type('/');
  expect(await told()).toBe('/explain');
  await press('ArrowDown', 'ArrowDown');
  expect(await selected()).toBe('/tests');
  expect(await told()).toBe('/tests');
  await press('ArrowUp', 'ArrowUp', 'ArrowUp');
  expect(await told()).toBe('/release-notes');
  await press('ArrowDown');
  expect(await told()).toBe('/explain');
  await press('PageDown');
  expect(await told()).toBe('/release-notes');
  await press('Escape');
  expect(await told()).toBeUndefined();
  expect(await box().evaluate(area => area.getAttribute('aria-autocomplete'))).toBeNull();
});

test.each(['Enter', 'Tab'])('%s picks, sends nothing and leaves the cursor behind the command', async key => {
  await panel.page.keyboard.type('/rn');
  await press(key);
  expect(await box().inputValue()).toBe('/release-notes ');
  expect(await list().isVisible()).toBe(false);
  expect(await panel.postedOf('submit')).toEqual([]);
  await panel.page.keyboard.type('1.2');
  await press('Enter');
  expect(await panel.postedOf('submit')).toEqual([
    { type: 'submit', text: '/release-notes 1.2', useWorkspace: false },
  ]);
});

test('a pick keeps what was written behind the command', async () => {
  await panel.page.keyboard.type('the second loop');
  await press('Home');
  await panel.page.keyboard.type('/fi ');
  await press('ArrowLeft', 'Backspace');
  await panel.page.keyboard.type('i');
  await press('Enter');
  expect(await box().inputValue()).toBe('/fix the second loop');
});

test('a click picks and leaves the focus in the box', async () => {
  await panel.page.keyboard.type('/');
  await options().nth(1).click();
  expect(await box().inputValue()).toBe('/fix ');
  await panel.page.keyboard.type('now');
  expect(await box().inputValue()).toBe('/fix now');
});

test('Escape closes the list and only the list', async () => {
  await panel.send({
    type: 'snapshot',
    state: panelState({ commands, busy: true, turns: [question(), answer({ status: 'streaming' })] }),
  });
  await panel.page.keyboard.type('/');
  await press('Escape');
  expect(await list().isVisible()).toBe(false);
  expect(await box().inputValue()).toBe('/');
  expect(await panel.postedOf('stop')).toEqual([]);
  await press('Escape');
  expect(await panel.postedOf('stop')).toHaveLength(1);
});

test('the list closes when the focus leaves the box, and when nothing matches', async () => {
  await panel.page.keyboard.type('/');
  await panel.page.getByRole('checkbox').focus();
  expect(await list().isVisible()).toBe(false);
  await box().focus();
  await panel.page.keyboard.type('zzz');
  expect(await list().isVisible()).toBe(false);
  await press('Enter');
  expect(await panel.postedOf('submit')).toHaveLength(1);
});

test('Shift+Tab closes the list and goes to what is before the box', async () => {
  await panel.send({ type: 'draft', draft: { attachments: [{ id: 'a', kind: 'file', label: 'a.ts' }] } });
  await panel.page.keyboard.type('/');
  await press('Shift+Tab');
  expect(await list().isVisible()).toBe(false);
  expect(await panel.page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(
    'Remove a.ts',
  );
  await press('Tab');
  expect(await box().evaluate(area => area.matches(':focus'))).toBe(true);
});

test('commands that change while the list is open are shown, and the choice stays', async () => {
  await panel.page.keyboard.type('/');
  await press('ArrowDown');
  await panel.send({
    type: 'commands',
    commands: {
      commands: [
        { name: 'commit', description: 'Write a commit message', source: 'own' },
        ...commands.commands,
      ],
    },
  });
  expect(await options().count()).toBe(5);
  expect(await told()).toBe('/fix');
});

test.each(['light', 'hc-dark', 'hc-light'] as const)(
  'the list at 200 px in %s stays in the page',
  async theme => {
    await panel.close();
    await open({ theme, width: 200, height: 400 });
    await panel.page.keyboard.type('/');
    const place = await panel.page.locator('.suggest-list:not([hidden])').boundingBox();
    expect(place).not.toBeNull();
    expect(place!.x).toBeGreaterThanOrEqual(0);
    expect(place!.y).toBeGreaterThanOrEqual(0);
    expect(place!.x + place!.width).toBeLessThanOrEqual(200);
    expect(await list().evaluate(rows => rows.scrollWidth <= rows.clientWidth)).toBe(true);
    await panel.screenshot(`suggest-list-200-${theme}`);
  },
);
