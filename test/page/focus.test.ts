// The focus of somebody who uses the keyboard: it is never lost, and what it is on says what it does.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PanelState, Turn } from '../../webview/protocol.ts';
import { openPanel, type PanelPage } from '../support/page.ts';
import { answer, panelState, question } from '../support/panel_states.ts';

let panel: PanelPage;
beforeEach(async () => {
  panel = await openPanel();
});
afterEach(() => panel.close());

const show = (change: Partial<PanelState> = {}): Promise<void> =>
  panel.send({ type: 'snapshot', state: panelState(change) });
const button = (name: string) => panel.page.getByRole('button', { name, exact: true });
const box = () => panel.page.getByLabel('Ask Hearth');
/** Name of what has the focus, looked up through shadow trees; '' for the page itself. */
const focused = (): Promise<string> =>
  panel.page.evaluate(() => {
    const outer = document.activeElement;
    if (!outer || outer === document.body) return '';
    const inner = outer.shadowRoot?.activeElement ?? outer;
    return inner.getAttribute('aria-label') ?? outer.textContent?.trim() ?? '';
  });
const hint = () => panel.page.locator('.focus-hint');

describe('the input has the focus', () => {
  test('when it is wanted together with the first state, before anything was drawn', async () => {
    await panel.send({ type: 'snapshot', state: panelState() }, { type: 'focusInput' });
    expect(await focused()).toBe('Ask Hearth');
  });

  test('after a question was asked in place of another one, and its own button after Escape', async () => {
    await show({ turns: [question(), answer({ text: 'x' })] });
    await button('Edit question').press('Enter');
    await panel.page.keyboard.press('Control+Enter');
    expect(await focused()).toBe('Ask Hearth');
    await button('Edit question').press('Enter');
    await panel.page.keyboard.press('Escape');
    expect(await focused()).toBe('Edit question');
  });

  test('after a waiting question was sent from its row, or the last one was removed', async () => {
    const queue = [
      { id: 'w1', text: 'one' },
      { id: 'w2', text: 'two' },
    ];
    await show({ busy: true, queue });
    await button('Send now').first().press('Enter');
    expect(await focused()).toBe('Ask Hearth');
    await button('Remove waiting question').first().press('Enter');
    await panel.send({ type: 'queue', queue: queue.slice(1) });
    expect(await focused()).toBe('Remove waiting question');
    await panel.page.keyboard.press('Enter');
    await panel.send({ type: 'queue', queue: [] });
    expect(await focused()).toBe('Ask Hearth');
    expect((await panel.postedOf('queued')).map(({ queuedId }) => queuedId)).toEqual(['w1', 'w1', 'w2']);
  });

  test('after a summary was used or left, and where none could be made', async () => {
    await show({
      turns: [question(), answer({ text: 'x' })],
      meter: { usedTokens: 900, maxTokens: 1000 },
    });
    for (const key of ['Control+Enter', 'Escape']) {
      await panel.send({ type: 'summary', text: 'Short.' });
      expect(await focused()).toBe('Summary of the conversation');
      await panel.page.keyboard.press(key);
      expect(await focused()).toBe('Ask Hearth');
    }
    await button('Compact…').press('Enter');
    await panel.send({ type: 'summary' });
    expect(await focused()).toBe('Ask Hearth');
  });
});

test('the line of branches keeps the focus while others are shown', async () => {
  const turns = (index: number): Turn[] => [
    question({ id: `q${index}`, branch: { ids: ['q0', 'q1', 'q2'], index } }),
    answer({ id: `a${index}`, text: 'x' }),
  ];
  await show({ turns: turns(1) });
  await button('Previous branch').press('Enter');
  await panel.send({ type: 'turns', turns: turns(0) });
  // There is none before the first.
  expect(await focused()).toBe('Next branch');
  await panel.page.keyboard.press('Enter');
  await panel.send({ type: 'turns', turns: turns(1) });
  expect(await focused()).toBe('Next branch');
  expect((await panel.postedOf('switchBranch')).map(({ turnId }) => turnId)).toEqual(['q0', 'q1']);
});

test('a page that is not in use takes no focus; a dialog gives it back', async () => {
  await show({ queue: [{ id: 'w1', text: 'one' }] });
  await button('Conversations').focus();
  await panel.page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await panel.send({ type: 'focusBack' });
  expect(await focused()).toBe('Conversations');
  await button('Remove waiting question').focus();
  await panel.page.evaluate(() => {
    document.hasFocus = () => false;
  });
  await panel.send({ type: 'queue', queue: [] });
  expect(await focused()).toBe('');
  await panel.send({ type: 'focusBack' });
  expect(await focused()).toBe('Ask Hearth');
});

test('Escape stops the answer where nothing has the focus, too', async () => {
  await show({ busy: true, turns: [question(), answer({ status: 'streaming', text: 'x' })] });
  await panel.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await panel.page.keyboard.press('Escape');
  expect(await panel.postedOf('stop')).toHaveLength(1);
});

describe('the hint of a button', () => {
  test('is shown for the keyboard alone, with the key where there is one', async () => {
    await show();
    await button('Conversations').click();
    expect(await hint().isVisible()).toBe(false);
    await panel.page.keyboard.press('Tab');
    expect(await focused()).toBe('New chat');
    expect(await hint().innerText()).toBe('New chat. Key: Ctrl+Alt+H N');
    await panel.page.keyboard.press('Tab');
    expect(await hint().isVisible()).toBe(false);
  });

  test('stays inside a narrow page, and goes with Escape and a press', async () => {
    await panel.page.setViewportSize({ width: 200, height: 450 });
    await show({ turns: [question(), answer({ text: '```sh\nls\n```' })] });
    await panel.page.keyboard.press('Tab');
    await button('Run in terminal').focus();
    const place = await hint().boundingBox();
    expect(place?.x).toBeGreaterThanOrEqual(0);
    expect((place?.x ?? 0) + (place?.width ?? 0)).toBeLessThanOrEqual(200);
    await panel.screenshot('focus-hint');
    await panel.page.keyboard.press('Escape');
    expect(await hint().isVisible()).toBe(false);
  });
});

describe('the hint of a button that is scrolled', () => {
  const turns = [question(), answer({ text: `\`\`\`sh\nls\n\`\`\`\n\n${'word '.repeat(3000)}` })];
  const scrollBy = (pixels: number): Promise<void> =>
    panel.page.locator('.scroller').evaluate(
      (scroller, by) =>
        new Promise(done => {
          scroller.addEventListener('scroll', () => requestAnimationFrame(() => done()), { once: true });
          scroller.scrollBy(0, by);
        }),
      pixels,
    );
  const below = async (): Promise<number> => {
    const [of, at] = await Promise.all([button('Run in terminal').boundingBox(), hint().boundingBox()]);
    return (at?.y ?? NaN) - (of?.y ?? NaN) - (of?.height ?? NaN);
  };

  test('goes with it, and away when it is out of sight', async () => {
    await show({ turns });
    await panel.page.locator('.scroller').evaluate(scroller => scroller.scrollTo(0, 0));
    await panel.page.keyboard.press('Tab');
    await button('Run in terminal').focus();
    expect(await below()).toBe(4);
    await scrollBy(20);
    expect(await below()).toBe(4);
    await scrollBy(2000);
    expect(await hint().isVisible()).toBe(false);
  });

  test('stays while something else is scrolled, as by an answer that grows', async () => {
    await show({ turns });
    await panel.page.keyboard.press('Tab');
    await button('Attach').focus();
    await scrollBy(-200);
    expect(await hint().innerText()).toBe('Attach files, symbols, problems and more. Key: @');
  });
});

test('a list of files that is offered leaves no blank in an empty input, and none is missing in another', async () => {
  await show();
  await panel.send({ type: 'insertMention', text: '@file:' });
  expect(await box().inputValue()).toBe('@file:');
  await panel.send({
    type: 'places',
    kind: 'file',
    query: '',
    places: [{ uri: 'file:///w/src/order.ts', label: 'src/order.ts' }],
  });
  await panel.page.keyboard.press('Enter');
  expect(await box().inputValue()).toBe('');
  await box().fill('See');
  await panel.send({ type: 'insertMention', text: '@file:' });
  expect(await box().inputValue()).toBe('See @file:');
});

test('the button beside the input opens the list of what can be attached, at the cursor', async () => {
  await show();
  await box().fill('Look at');
  await button('Attach').press('Enter');
  expect(await box().inputValue()).toBe('Look at @');
  expect(await focused()).toBe('Ask Hearth');
  expect(await panel.page.getByRole('option').first().innerText()).toContain('@file');
});

test('after a full context a summary is followed by the question that goes on', async () => {
  const end = 'and the lexer is in src/lexer.ts';
  const cut = answer({ text: `It is long ${'word '.repeat(100)}${end}`, cut: 'context' });
  await show({ turns: [question(), cut], meter: { usedTokens: 1000, maxTokens: 1000 } });
  const note = panel.page.getByText('a question that goes on from here is ready then');
  expect(await note.isVisible()).toBe(true);
  await panel.send({ type: 'summary', text: 'Short.' });
  await panel.page.keyboard.press('Control+Enter');
  expect(await box().inputValue()).toMatch(/^Go on with your last answer[^]*\n\nword [^]*src\/lexer\.ts$/);
  // How long the context is may not be known, as before the model is loaded.
  await show({ turns: [question(), cut], meter: { usedTokens: 1000, maxTokens: 0 } });
  expect(await note.isVisible()).toBe(true);
  expect(await button('Compact…').isVisible()).toBe(true);
  await show({ turns: [question(), cut, question({ id: 'q2' })], meter: { usedTokens: 10, maxTokens: 0 } });
  expect([await note.isVisible(), await button('Compact…').isVisible()]).toEqual([false, false]);
  await show({ turns: [question(), cut], meter: { usedTokens: 1000, maxTokens: 1000 } });
  // What the user was writing stays.
  await box().fill('Thanks');
  await panel.send({ type: 'summary', text: 'Short.' });
  await panel.page.keyboard.press('Control+Enter');
  expect(await box().inputValue()).toBe('Thanks');
});
