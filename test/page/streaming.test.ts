// An answer as it grows: text, finished blocks, progress, end, scrolling, and what a screen reader is told.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openPanel, type PanelPage } from '../support/page.ts';
import { answer, panelState, question } from '../support/panel_states.ts';

let panel: PanelPage;
beforeEach(async () => {
  panel = await openPanel({ height: 500 });
});
afterEach(async () => {
  await panel.close();
});

const streaming = { type: 'turn', turn: answer({ status: 'streaming' }) } as const;
const delta = (text: string) => ({ type: 'delta', turnId: 'a1', text }) as const;
const longText = (lines: number): string =>
  Array.from({ length: lines }, (_, line) => `Line ${line}\n\n`).join('');

test('the page says that it is ready and shows the welcome until the first turn', async () => {
  expect(await panel.posted()).toEqual([{ type: 'ready' }]);
  await panel.send({ type: 'snapshot', state: panelState() });
  expect(await panel.page.getByText('Ask about your code').isVisible()).toBe(true);
  expect(await panel.page.getByTestId('model-note').innerText()).toContain('very small');
  await panel.send({ type: 'turn', turn: question() });
  expect(await panel.page.getByText('Ask about your code').isVisible()).toBe(false);
});

test('pieces are joined to one answer, and a piece that comes late changes nothing', async () => {
  await panel.send({ type: 'snapshot', state: panelState({ turns: [question()], busy: true }) }, streaming);
  for (const piece of ['Hel', 'lo **wo', 'rld**']) await panel.send(delta(piece));
  const turn = panel.page.locator('[data-turn=a1]');
  expect(await turn.locator('.answer').innerHTML()).toBe('<p>Hello <strong>world</strong></p>');
  expect(await turn.getAttribute('data-status')).toBe('streaming');
  await panel.send({ type: 'turn', turn: answer({ text: 'Hello **world**' }) }, delta(' and more'));
  expect(await turn.locator('.answer').innerText()).toBe('Hello world');
  expect(await turn.getAttribute('data-status')).toBe('done');
});

test('finished blocks and a selection in them stay while the answer grows', async () => {
  await panel.send(
    { type: 'snapshot', state: panelState() },
    streaming,
    delta('First paragraph\n\n```ts\nconst a = 1;\n'),
  );
  await panel.page.evaluate(() => {
    const first = document.querySelector('.answer p');
    if (!first) throw new Error('no paragraph');
    getSelection()?.selectAllChildren(first);
    for (const node of document.querySelectorAll('.answer > *')) node.setAttribute('data-seen', '');
  });
  for (let step = 0; step < 20; step++) await panel.send(delta(`const b${step} = 2;\n`));
  await panel.send(delta('```\n\n- one\n- two\n\nLast'));
  expect(await panel.page.evaluate(() => getSelection()?.toString())).toBe('First paragraph');
  expect(await panel.page.locator('.answer > [data-seen]').count()).toBe(2);
  expect(await panel.page.locator('.answer .code-block').innerText()).toContain('const b19 = 2;');
  expect(await panel.page.locator('.answer li').count()).toBe(2);
});

test('streaming one character at a time gives the same markup as the whole text at once', async () => {
  const text = [
    'Intro with a [link][ref] and *emph\nover lines*.\r\n\r\n1. one\n2. two\n\n   more\n\n    - deep\n',
    '```js\nconst x = `a`;\n\n\nlet y;\n```\nText right after\n===\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> quote\nlazy\n\n',
    '~~~\nopen ``` inside\n~~~\n\n    indented code\n\n[ref]: https://example.com/x\n\nEnd ![picture](https://example.com/p.png)',
  ].join('');
  await panel.send({ type: 'snapshot', state: panelState() }, streaming);
  await panel.stream([...text].map(delta));
  await panel.send({ type: 'turn', turn: answer({ text }) });
  await panel.send({ type: 'turn', turn: answer({ id: 'a2', text }) });
  const grown = await panel.page.locator('[data-turn=a1] .answer').innerHTML();
  expect(grown).toBe(await panel.page.locator('[data-turn=a2] .answer').innerHTML());
  expect(grown).toContain('href="https://example.com/x"');
});

test('reading the prompt is shown as progress until the first word', async () => {
  await panel.send(
    { type: 'snapshot', state: panelState() },
    { type: 'turn', turn: answer({ status: 'waiting' }) },
  );
  const progress = panel.page.getByTestId('progress');
  expect(await progress.innerText()).toContain('Waiting for the model');
  await panel.send({ type: 'reading', turnId: 'a1', done: 1200, total: 4000 });
  expect(await progress.innerText()).toContain('Reading 1,200 of 4,000 tokens');
  await panel.send(delta('A'));
  expect(await progress.isVisible()).toBe(false);
});

test('the end shows the numbers, and a cut answer says so', async () => {
  const stats = {
    tokensPerSecond: 23.456,
    generatedTokens: 5,
    promptTokens: 4100,
    reusedTokens: 3900,
    firstTokenMs: 1240,
  };
  await panel.send({
    type: 'snapshot',
    state: panelState({ turns: [answer({ text: 'x', stats, cut: 'length' })] }),
  });
  expect(await panel.page.getByTestId('stats').innerText()).toBe(
    '23.5 tokens/s · first token 1.2 s · 4,100 prompt tokens (3,900 reused) · 5 generated',
  );
  expect(await panel.page.getByTestId('note').innerText()).toBe('The answer was cut at the length limit.');
});

test('a stopped answer keeps its text', async () => {
  await panel.send({ type: 'snapshot', state: panelState({ busy: true }) }, streaming, delta('Half an ans'));
  await panel.page.getByRole('button', { name: 'Stop' }).click();
  expect(await panel.postedOf('stop')).toHaveLength(1);
  await panel.send(
    { type: 'turn', turn: answer({ status: 'stopped', text: 'Half an ans' }) },
    { type: 'busy', busy: false },
  );
  expect(await panel.page.locator('.answer').innerText()).toBe('Half an ans');
  expect(await panel.page.getByTestId('note').innerText()).toContain('Stopped');
  expect(await panel.page.getByRole('button', { name: 'Stop' }).count()).toBe(0);
});

test('a screen reader hears the end and failures, but no single words', async () => {
  await panel.send({ type: 'snapshot', state: panelState() }, streaming, delta('word '), delta('word '));
  const spoken = panel.page.getByRole('status');
  expect(await spoken.innerText()).toBe('');
  await panel.send({ type: 'turn', turn: answer({ text: 'word word' }) });
  expect(await spoken.innerText()).toBe('Answer finished.');
});

test('a new snapshot replaces everything, and an empty one brings the welcome back', async () => {
  await panel.send({ type: 'snapshot', state: panelState({ turns: [question(), answer({ text: 'old' })] }) });
  await panel.send({ type: 'snapshot', state: panelState({ turns: [question(), answer({ text: 'new' })] }) });
  expect(await panel.page.locator('.answer').allInnerTexts()).toEqual(['new']);
  await panel.send({ type: 'turns', turns: [] });
  expect(await panel.page.locator('[data-turn]').count()).toBe(0);
  expect(await panel.page.getByText('Ask about your code').isVisible()).toBe(true);
});

describe('scrolling', () => {
  const distanceFromEnd = (): Promise<number> =>
    panel.page.locator('.scroller').evaluate(box => box.scrollHeight - box.scrollTop - box.clientHeight);
  const jump = () => panel.page.getByRole('button', { name: 'Jump to latest' });

  test('the view follows the answer while the user is at the end', async () => {
    await panel.send({ type: 'snapshot', state: panelState() }, streaming);
    for (let step = 0; step < 10; step++) await panel.send(delta(longText(10)));
    expect(await distanceFromEnd()).toBeLessThan(2);
    expect(await jump().count()).toBe(0);
  });

  test('the welcome is shown from its top', async () => {
    await panel.page.setViewportSize({ width: 200, height: 400 });
    await panel.send({ type: 'snapshot', state: panelState() });
    expect(await distanceFromEnd()).toBeGreaterThan(100);
    expect(await panel.page.locator('.scroller').evaluate(box => box.scrollTop)).toBe(0);
    expect(await jump().count()).toBe(0);
  });

  test('it stays where the user has scrolled to, and one button leads back', async () => {
    await panel.send({ type: 'snapshot', state: panelState() }, streaming, delta(longText(60)));
    await panel.page.locator('.scroller').hover();
    await panel.page.mouse.wheel(0, -800);
    await expect.poll(() => distanceFromEnd()).toBeGreaterThan(400);
    const top = await panel.page.locator('.scroller').evaluate(box => box.scrollTop);
    await panel.send(delta(longText(20)));
    expect(await panel.page.locator('.scroller').evaluate(box => box.scrollTop)).toBe(top);
    await jump().click();
    await panel.send(delta(longText(20)));
    expect(await distanceFromEnd()).toBeLessThan(2);
    expect(await jump().count()).toBe(0);
  });
});
