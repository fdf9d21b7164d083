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
  [{ status: 'done', cut: 'repetition' }, 'The model repeated itself, so the answer was stopped.'],
] as const)('a thought without an answer says how it ended: %j', async (change, note) => {
  const thinking = { text: 'hm', startedAt: 0, tookMs: 1000 };
  await panel.send({ type: 'turn', turn: answer({ ...change, thinking }) });
  expect(await panel.page.getByTestId('note').innerText()).toBe(note);
});

test('its length is told in tokens, as soon as they are counted', async () => {
  await panel.send({ ...piece('First this.'), tokens: 3 }, { ...piece(' Then.'), tokens: 1340 });
  expect(await line().locator('summary').innerText()).toMatch(/^Thinking… \d+ s · 1,340 tokens$/);
  const thinking = { text: 'First this. Then.', startedAt: 0, tookMs: 12_000, tokens: 1 };
  await panel.send({ type: 'turn', turn: answer({ text: 'So.', thinking }) });
  expect(await line().locator('summary').innerText()).toBe('Thought for 12 s · 1 token');
});

test('ends when the answer is asked for, by mouse or keyboard, and says so', async () => {
  const now = panel.page.getByRole('button', { name: 'Answer Now' });
  expect(await now.isVisible()).toBe(false);
  await panel.send(piece('Let me think about it.'));
  expect(await now.isVisible()).toBe(true);
  await panel.screenshot('thinking-answer-now');
  await line().locator('summary').focus();
  await panel.page.keyboard.press('Tab');
  await panel.page.keyboard.press('Enter');
  expect(await panel.postedOf('answerNow')).toEqual([{ type: 'answerNow' }]);
  const thinking = { text: 'Let me think about it.', startedAt: 0, tookMs: 1000, cut: 'answerNow' as const };
  await panel.send({ type: 'turn', turn: answer({ status: 'streaming', text: 'So.', thinking }) });
  expect(await now.isVisible()).toBe(false);
  expect(await panel.page.getByTestId('thought-cut').innerText()).toBe(
    'The thought was cut short, because you asked for the answer.',
  );
});

test('what was shown as the answer stays in its place when it turns out to be a thought', async () => {
  const lines = Array.from({ length: 60 }, (_, i) => `Step ${i} of the thought.`).join('\n\n');
  await panel.send({ type: 'delta', turnId: 'a1', text: lines });
  const end = panel.page.getByText('Step 59 of the thought.');
  const before = await end.boundingBox();
  const thinking = { text: lines, startedAt: 0, tookMs: 0 };
  await panel.send({ type: 'turn', turn: answer({ status: 'streaming', thinking }) });
  expect(await panel.page.locator('.answer').innerText()).toBe('');
  const text = panel.page.getByRole('group', { name: 'What the model thought' });
  expect(await text.isVisible()).toBe(true);
  const box = await text.boundingBox();
  // The end of the thought is where the reader was: at the end of the conversation.
  expect(box && before && Math.abs(box.y + box.height - (before.y + before.height))).toBeLessThan(60);
  await panel.screenshot('thinking-turned');
});
