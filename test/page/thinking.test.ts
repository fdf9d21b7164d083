// What a model thinks: one quiet line that opens by mouse and keyboard, apart from the answer, and only ever text.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPanel, type PanelPage } from '../support/page.ts';
import { answer, panelState, question } from '../support/panel_states.ts';

let panel: PanelPage;
beforeEach(async () => {
  panel = await openPanel();
  await panel.send({
    type: 'snapshot',
    state: panelState({ turns: [question(), answer({ status: 'waiting' })], busy: true }),
  });
});
afterEach(async () => {
  await panel.close();
});
const line = () => panel.page.getByTestId('thought');
const piece = (text: string) =>
  ({ type: 'thinking', turnId: 'a1', text, startedAt: Date.now() - 5000 }) as const;

test('the line is there once the model thinks, closed, and the answer stays empty', async () => {
  expect(await line().isVisible()).toBe(false);
  await panel.send(piece('First this. '), piece('Then that.'));
  expect(await line().locator('summary').innerText()).toMatch(/^Thinking… \d+ s · 4 words$/);
  expect(await panel.page.getByText('First this.').isVisible()).toBe(false);
  expect(await panel.page.locator('.answer').innerText()).toBe('');
  await panel.screenshot('thinking-closed');
});

test('opened by the keyboard it shows the thought as it grows, and stays open when the answer begins', async () => {
  await panel.send(piece('First this.'));
  await line().locator('summary').focus();
  await panel.page.keyboard.press('Enter');
  await panel.drawn();
  await panel.send(piece(' Then that.'));
  const text = panel.page.getByRole('group', { name: 'What the model thought' });
  expect(await text.innerText()).toBe('First this. Then that.');
  const thinking = { text: 'First this. Then that.', startedAt: 0, tookMs: 65_000 };
  await panel.send(
    { type: 'turn', turn: answer({ status: 'streaming', thinking }) },
    { type: 'delta', turnId: 'a1', text: 'So: **this**.' },
  );
  await panel.screenshot('thinking-open');
  expect(await line().locator('summary').innerText()).toBe('Thought for 1 min 5 s · 4 words');
  expect(await text.isVisible()).toBe(true);
  expect(await panel.page.locator('.answer').innerText()).toBe('So: this.');
  await panel.page.keyboard.press('Space');
  await panel.drawn();
  expect(await text.isVisible()).toBe(false);
});

test('a thought is text, whatever is in it', async () => {
  const nasty =
    '<img src=x onerror="record.violations.push(1)"><script>record.violations.push(2)</script>**b**';
  await panel.send(piece(nasty));
  await line().locator('summary').click();
  await panel.drawn();
  expect(await panel.page.locator('.thought-text').innerText()).toBe(nasty);
  expect(await panel.page.locator('.thought-text *').count()).toBe(0);
});

test('an answer is copied without its thought', async () => {
  const thinking = { text: 'hm', startedAt: 0, tookMs: 1000 };
  await panel.send(
    { type: 'turn', turn: answer({ text: 'Four.', thinking }) },
    { type: 'busy', busy: false },
  );
  await panel.page.getByRole('button', { name: 'Copy answer' }).click();
  expect(await panel.postedOf('copyCode')).toEqual([{ type: 'copyCode', code: 'Four.' }]);
});

test.each([
  [{ status: 'stopped' }, 'Stopped while thinking. The thought so far is kept.'],
  [{ status: 'done', cut: 'length' }, 'The thought was cut at the length limit.'],
  [{ status: 'done', cut: 'repetition' }, 'Stopped: the model was repeating itself.'],
] as const)('a thought without an answer says how it ended: %j', async (change, note) => {
  const thinking = { text: 'hm', startedAt: 0, tookMs: 1000 };
  await panel.send({ type: 'turn', turn: answer({ ...change, thinking }) });
  expect(await panel.page.getByTestId('note').innerText()).toBe(note);
});
