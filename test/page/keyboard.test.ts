// The panel with the keyboard alone: writing, sending, stopping, and reaching every button.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPanel, type PanelPage } from '../support/page.ts';
import { answer, panelState, question, source } from '../support/panel_states.ts';

let panel: PanelPage;
beforeEach(async () => {
  panel = await openPanel();
  await panel.send({ type: 'snapshot', state: panelState() });
});
afterEach(async () => {
  await panel.close();
});

const box = () => panel.page.getByLabel('Ask Hearth');
/** Name of the element that has the focus, looked up through shadow trees. */
const focusedName = (): Promise<string> =>
  panel.page.evaluate(() => {
    let focused = document.activeElement;
    while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
    const host =
      focused?.getRootNode() instanceof ShadowRoot ? (focused.getRootNode() as ShadowRoot).host : focused;
    return focused?.getAttribute('aria-label') ?? host?.textContent?.trim() ?? '';
  });

/** Presses Tab until the focus is on the named element; fails when it is never reached. */
async function tabTo(name: string): Promise<void> {
  const passed: string[] = [];
  for (let step = 0; step < 40; step++) {
    await panel.page.keyboard.press('Tab');
    const focused = await focusedName();
    if (focused === name) return;
    passed.push(focused);
  }
  expect.fail(`"${name}" was not reached; passed ${passed.join(', ')}`);
}

test('the box is found by its label exactly once, and by its role', async () => {
  expect(await box().count()).toBe(1);
  expect(await panel.page.getByRole('textbox', { name: 'Ask Hearth' }).count()).toBe(1);
  for (const name of ['New chat', 'Send'])
    expect(await panel.page.getByRole('button', { name }).count()).toBe(1);
  expect(await panel.page.getByLabel('New chat').count()).toBe(1);
  expect(await panel.page.getByRole('checkbox', { name: 'Ask the whole workspace' }).count()).toBe(1);
});

test('Enter sends, Shift+Enter breaks the line, and an empty box sends nothing', async () => {
  await panel.send({ type: 'focusInput' });
  await panel.page.keyboard.press('Enter');
  await panel.page.keyboard.type('   ');
  await panel.page.keyboard.press('Enter');
  expect(await panel.postedOf('submit')).toEqual([]);
  await panel.page.keyboard.type('one');
  await panel.page.keyboard.press('Shift+Enter');
  await panel.page.keyboard.type('two');
  await panel.page.keyboard.press('Enter');
  expect(await panel.postedOf('submit')).toEqual([{ type: 'submit', text: 'one\ntwo', useWorkspace: false }]);
  expect(await box().inputValue()).toBe('');
  expect(await focusedName()).toBe('Ask Hearth');
});

test('Enter belongs to the input method while it is composing', async () => {
  await box().fill('にほん');
  await box().evaluate(area => {
    area.dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, composed: true }),
    );
  });
  expect(await panel.postedOf('submit')).toEqual([]);
  await box().press('Enter');
  expect(await panel.postedOf('submit')).toHaveLength(1);
});

test('the checkbox is reached by Tab, switched by Space, and goes with the question', async () => {
  await box().fill('Where?');
  await tabTo('Ask the whole workspace');
  await panel.page.keyboard.press('Space');
  await tabTo('Send');
  await panel.page.keyboard.press('Enter');
  expect(await panel.postedOf('submit')).toEqual([{ type: 'submit', text: 'Where?', useWorkspace: true }]);
});

test('without a folder the checkbox cannot be used', async () => {
  const workspace = {
    state: 'none',
    fileCount: 0,
    includedCount: 0,
    leftOut: [],
    blockTokens: 0,
    budgetTokens: 0,
  } as const;
  await panel.send({
    type: 'snapshot',
    state: panelState({ workspace: { ...workspace, leftOut: [] }, useWorkspace: true }),
  });
  const scope = panel.page.getByRole('checkbox');
  expect(await scope.isDisabled()).toBe(true);
  await box().fill('x');
  await box().press('Enter');
  expect(await panel.postedOf('submit')).toEqual([{ type: 'submit', text: 'x', useWorkspace: false }]);
});

test('Escape stops a running answer and does nothing otherwise', async () => {
  await box().press('Escape');
  expect(await panel.postedOf('stop')).toEqual([]);
  await panel.send({ type: 'busy', busy: true });
  await box().press('Escape');
  expect(await panel.postedOf('stop')).toHaveLength(1);
});

test('while an answer is running, Enter keeps the next question in the box', async () => {
  await panel.send({ type: 'busy', busy: true });
  await box().fill('next');
  await box().press('Enter');
  expect(await panel.postedOf('submit')).toEqual([]);
  expect(await box().inputValue()).toBe('next');
});

test('the up arrow in an empty box brings the last question back', async () => {
  await panel.send(
    { type: 'turn', turn: question({ text: 'first' }) },
    { type: 'turn', turn: question({ id: 'q2', text: 'second' }) },
  );
  await box().press('ArrowUp');
  expect(await box().inputValue()).toBe('second');
  await box().fill('own words');
  await box().press('ArrowUp');
  expect(await box().inputValue()).toBe('own words');
});

test('a draft and the checkbox survive when the page is made anew', async () => {
  await box().fill('half a quest');
  await panel.page.getByRole('checkbox').check();
  await panel.page.reload();
  await panel.send({ type: 'snapshot', state: panelState() });
  expect(await box().inputValue()).toBe('half a quest');
  expect(await panel.page.getByRole('checkbox').isChecked()).toBe(true);
});

test('a text set by the host is in the box, ready to send', async () => {
  await panel.send({ type: 'setInput', text: 'Explain this', useWorkspace: true });
  expect(await focusedName()).toBe('Ask Hearth');
  await panel.page.keyboard.press('Enter');
  expect(await panel.postedOf('submit')).toEqual([
    { type: 'submit', text: 'Explain this', useWorkspace: true },
  ]);
});

test('a whole run by keyboard: new chat, copy, insert and a source', async () => {
  const text = 'Here:\n\n```ts\nconst a = 1;\n```\n';
  await panel.send({
    type: 'snapshot',
    state: panelState({ turns: [question(), answer({ text, sources: [source()] })] }),
  });
  await panel.send({ type: 'focusInput' });
  await tabTo('New chat');
  await panel.page.keyboard.press('Enter');
  await tabTo('Copy code');
  await panel.page.keyboard.press('Enter');
  await tabTo('Insert code at cursor');
  await panel.page.keyboard.press('Space');
  await tabTo('src/parser.ts:10-42');
  await panel.page.keyboard.press('Enter');
  expect((await panel.posted()).slice(1)).toEqual([
    { type: 'newChat' },
    { type: 'copyCode', code: 'const a = 1;' },
    { type: 'insertCode', code: 'const a = 1;' },
    { type: 'openSource', uri: 'file:///sample/src/parser.ts', startLine: 10, endLine: 42 },
  ]);
});
