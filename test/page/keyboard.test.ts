// The panel with the keyboard alone: writing, sending, stopping, and reaching every button.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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

test('the second key of a chord is not typed, and the one after it is', async () => {
  await box().focus();
  await panel.page.keyboard.press('Control+Alt+KeyH');
  await panel.page.keyboard.press('t');
  await panel.page.keyboard.press('x');
  expect(await box().inputValue()).toBe('x');
});

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
    filesSeen: '',
    leftOut: [],
    leftOutMore: 0,
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

describe('Escape', () => {
  const stops = async (): Promise<number> => (await panel.postedOf('stop')).length;
  const escape = (): Promise<void> => panel.page.keyboard.press('Escape');
  const showRunning = (change: Parameters<typeof answer>[0] = {}): Promise<void> => {
    const turns = [
      question(),
      answer({ text: 'x', sources: [source()], leftOut: [{ path: 'a.bin', reason: 'not a text file' }] }),
      question({ id: 'q2' }),
      answer({ id: 'a2', status: 'streaming', ...change }),
    ];
    return panel.send({ type: 'snapshot', state: panelState({ busy: true, turns }) });
  };

  test('stops a running answer from the input, and does nothing otherwise', async () => {
    await box().press('Escape');
    expect(await stops()).toBe(0);
    await showRunning();
    await box().press('Escape');
    expect(await stops()).toBe(1);
  });

  test('stops it from the conversation, and puts the cursor into the input', async () => {
    await showRunning();
    await panel.page.getByRole('log', { name: 'Conversation' }).focus();
    await escape();
    expect(await stops()).toBe(1);
    expect(await focusedName()).toBe('Ask Hearth');
  });

  test('does not stop it from the header', async () => {
    await showRunning();
    await tabTo('New chat');
    await escape();
    await panel.page.locator('.header summary').first().focus();
    await escape();
    expect(await stops()).toBe(0);
  });

  test('closes the opened thought that the focus is in, and only then stops', async () => {
    await showRunning({ thinking: { text: 'hm', startedAt: 1 } });
    const thought = panel.page.locator('[data-turn=a2] details.thought');
    await thought.locator('summary').click();
    await panel.page.getByRole('group', { name: 'What the model thought' }).focus();
    await escape();
    expect(await thought.getAttribute('open')).toBeNull();
    expect(await stops()).toBe(0);
    expect(await thought.locator('summary').evaluate(it => it === document.activeElement)).toBe(true);
    await escape();
    expect(await stops()).toBe(1);
  });

  test('does not stop it when something else has taken the key, or while letters are composed', async () => {
    await showRunning();
    await box().focus();
    await panel.page.evaluate(() => {
      const press = (options: KeyboardEventInit) =>
        document.activeElement?.dispatchEvent(
          new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true, ...options }),
        );
      press({ isComposing: true });
      document.activeElement?.addEventListener('keydown', event => event.preventDefault(), { once: true });
      press({});
    });
    expect(await stops()).toBe(0);
    await escape();
    expect(await stops()).toBe(1);
  });

  test('stops an answer that was asked for again with a button which then goes away', async () => {
    const done = [question(), answer({ text: 'x' })];
    await panel.send({ type: 'snapshot', state: panelState({ turns: done }) });
    await panel.page.getByRole('button', { name: 'Answer again' }).click();
    await panel.send({ type: 'turn', turn: answer({ status: 'waiting' }) }, { type: 'busy', busy: true });
    expect(await focusedName()).toBe('Conversation');
    await escape();
    expect(await stops()).toBe(1);
  });
});

test('while an answer is running, Enter sends the next question, which then waits', async () => {
  await panel.send({ type: 'busy', busy: true });
  await box().fill('next');
  await box().press('Enter');
  expect(await panel.postedOf('submit')).toEqual([{ type: 'submit', text: 'next', useWorkspace: false }]);
  expect(await box().inputValue()).toBe('');
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
  const asked = (await panel.posted()).filter(({ type }) => type !== 'ready' && type !== 'focused');
  expect(asked).toEqual([
    { type: 'newChat' },
    { type: 'copyCode', code: 'const a = 1;' },
    { type: 'insertCode', code: 'const a = 1;', language: 'ts', before: 'Here:' },
    { type: 'openSource', uri: 'file:///sample/src/parser.ts', startLine: 10, endLine: 42 },
  ]);
});
