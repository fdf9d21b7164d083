// Editing, branches, waiting questions and summaries on the page.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { answer, failure, panelState, question } from '../support/panel_states.ts';
import { openPanel, type PanelPage } from '../support/page.ts';

let panel: PanelPage;
beforeEach(async () => {
  panel = await openPanel();
});
afterEach(() => panel.close());
const branch = (index: number, name?: string) => ({ ids: ['b0', 'b1', 'b2'], index, name });
const stats = { generatedTokens: 2, promptTokens: 9, reusedTokens: 0, firstTokenMs: 5 };
/** The name of what has the focus. */
const focused = (): Promise<string | null | undefined> =>
  panel.page.evaluate(() => {
    const outer = document.activeElement;
    return (outer?.shadowRoot?.activeElement ?? outer)?.getAttribute('aria-label');
  });
const button = (name: string) => panel.page.getByRole('button', { name, exact: true });

test('a question is edited in place, by keyboard, and asked instead', async () => {
  await panel.send({
    type: 'snapshot',
    state: panelState({ turns: [question({ useWorkspace: true }), answer({ text: 'There.' })] }),
  });
  await button('Edit question').press('Enter');
  const box = panel.page.getByRole('textbox', { name: 'Question' });
  expect(await box.inputValue()).toBe('Where is the parser?');
  await box.fill('Where is the lexer?');
  await box.press('Shift+Enter');
  await panel.page.keyboard.type('Please.');
  await box.press('Enter');
  expect(await panel.postedOf('edit')).toEqual([
    {
      type: 'edit',
      turnId: 'q1',
      text: 'Where is the lexer?\nPlease.',
      useWorkspace: true,
      attachmentIds: [],
      attach: [],
    },
  ]);
  expect(await box.isVisible()).toBe(false);
});

test('Escape leaves a question as it was, and stops nothing', async () => {
  await panel.send({
    type: 'snapshot',
    state: panelState({ busy: true, turns: [question(), answer({ status: 'streaming', text: 'x' })] }),
  });
  await button('Edit question').click();
  const box = panel.page.getByRole('textbox', { name: 'Question' });
  await box.fill('other');
  await box.press('Escape');
  expect(await box.isVisible()).toBe(false);
  expect(await panel.page.locator('.question').innerText()).toBe('Where is the parser?');
  expect(await panel.postedOf('edit')).toEqual([]);
  expect(await panel.postedOf('stop')).toEqual([]);
});

test('an answer is edited as the Markdown it is, by keyboard, and the focus goes on to the input', async () => {
  const turns = [question(), answer({ text: 'In **two** files.', stats })];
  await panel.send({ type: 'snapshot', state: panelState({ turns }) });
  await button('Edit answer').press('Enter');
  const box = panel.page.getByRole('textbox', { name: 'Answer' });
  expect(await box.inputValue()).toBe('In **two** files.');
  expect(await panel.page.locator('.answer').isVisible()).toBe(false);
  await box.press('Escape');
  expect(await panel.page.locator('.answer').innerText()).toBe('In two files.');
  expect(await focused()).toBe('Edit answer');
  await panel.page.keyboard.press('Enter');
  await box.fill('In **three** files.');
  await panel.screenshot('edit-answer');
  await box.press('Control+Enter');
  expect(await panel.postedOf('editAnswer')).toEqual([
    { type: 'editAnswer', turnId: 'a1', text: 'In **three** files.' },
  ]);
  expect(await focused()).toBe('Ask Hearth');
  const edited = answer({ id: 'a2', text: 'In **three** files.', edited: true, goOn: 'fromUser' });
  await panel.send({ type: 'turns', turns: [question(), edited] });
  expect(await panel.page.getByText('Edited by you').isVisible()).toBe(true);
  const continues = panel.page.locator('.go-on vscode-button:visible');
  expect(await continues.getAttribute('title')).toContain('from your words');
  expect(await focused()).toBe('Ask Hearth');
});

test('while another answer runs, what is written in place of an answer waits in its form', async () => {
  const turns = [question(), answer({ text: 'x', stats })];
  await panel.send({ type: 'snapshot', state: panelState({ turns }) });
  await button('Edit answer').press('Enter');
  const box = panel.page.getByRole('textbox', { name: 'Answer' });
  await panel.send({ type: 'busy', busy: true });
  await box.fill('y');
  await box.press('Control+Enter');
  expect(await panel.postedOf('editAnswer')).toEqual([]);
  expect(await box.inputValue()).toBe('y');
  await panel.send({ type: 'busy', busy: false });
  await box.press('Control+Enter');
  expect(await panel.postedOf('editAnswer')).toHaveLength(1);
});

test('an answer without a word, or that is being written, is not edited', async () => {
  for (const change of [{}, { status: 'streaming', text: 'x' }] as const) {
    const turns = [question(), answer({ stats, ...change })];
    await panel.send({ type: 'snapshot', state: panelState({ turns }) });
    expect(await button('Edit answer').count()).toBe(0);
  }
  // One that failed has its own way on, but its text can be.
  const failed = answer({ id: 'a2', status: 'failed', failure, text: 'x' });
  await panel.send({ type: 'snapshot', state: panelState({ turns: [question(), failed] }) });
  expect(await button('Edit answer').isVisible()).toBe(true);
  expect(await button('Answer again').count()).toBe(0);
});

test('branches wait while an answer runs, and say why', async () => {
  const turns = [question(), answer({ text: 'x', branch: branch(1) })];
  await panel.send({ type: 'snapshot', state: panelState({ turns, busy: true }) });
  const reason = 'Branches can be switched when the answer has ended';
  expect(await button(reason).evaluateAll(all => all.map(one => one.matches(':disabled')))).toEqual([
    true,
    true,
  ]);
  await panel.send({ type: 'busy', busy: false });
  await button('Next branch').click();
  expect(await panel.postedOf('switchBranch')).toEqual([{ type: 'switchBranch', turnId: 'b2' }]);
});

test('questions that waited in an earlier window say that they wait for the user', async () => {
  const note = panel.page.getByText('They wait until you send them.');
  await panel.send({ type: 'snapshot', state: panelState({ queue: [{ id: 'w', text: 'And?' }] }) });
  expect(await note.isVisible()).toBe(false);
  await panel.send({ type: 'queue', queue: [{ id: 'w', text: 'And?', held: true }] });
  expect(await note.isVisible()).toBe(true);
  await button('Send now').click();
  expect(await panel.postedOf('queued')).toEqual([{ type: 'queued', action: 'send', queuedId: 'w' }]);
});

test('branches are counted, named, compared and switched', async () => {
  await panel.send({
    type: 'snapshot',
    state: panelState({ turns: [question(), answer({ text: 'x', branch: branch(1, 'shorter') })] }),
  });
  const line = panel.page.getByTestId('branch').filter({ visible: true });
  expect(await line.innerText()).toContain('2 of 3: shorter');
  await button('Previous branch').click();
  await button('Next branch').click();
  await button('Name this branch').click();
  await button('Compare with the other branch').click();
  expect(await panel.postedOf('switchBranch')).toEqual([
    { type: 'switchBranch', turnId: 'b0' },
    { type: 'switchBranch', turnId: 'b2' },
  ]);
  expect(await panel.postedOf('nameBranch')).toEqual([{ type: 'nameBranch', turnId: 'b1' }]);
  expect(await panel.postedOf('compareBranch')).toEqual([{ type: 'compareBranch', turnId: 'b0' }]);
  await panel.send({ type: 'turns', turns: [question(), answer({ text: 'alone' })] });
  expect(await line.count()).toBe(0);
});

test('a waiting question can be asked now, taken back or dropped', async () => {
  await panel.send({
    type: 'snapshot',
    state: panelState({ busy: true, queue: [{ id: 'w', text: 'And then?' }] }),
  });
  expect(await panel.page.getByTestId('queued').innerText()).toContain('And then?');
  await button('Send now').click();
  await button('Edit waiting question').click();
  await button('Remove waiting question').click();
  expect(await panel.postedOf('queued')).toEqual(
    ['send', 'edit', 'remove'].map(action => ({ type: 'queued', action, queuedId: 'w' })),
  );
  await panel.send({ type: 'queue', queue: [] });
  expect(await panel.page.getByTestId('queued').count()).toBe(0);
});

test('a summary is offered when the context is nearly full, and used only after the user has seen it', async () => {
  const compact = panel.page.getByTestId('compact');
  await panel.send({
    type: 'snapshot',
    state: panelState({
      turns: [question(), answer({ text: 'x' })],
      meter: { usedTokens: 799, maxTokens: 1000 },
    }),
  });
  expect(await compact.isVisible()).toBe(false);
  await panel.send({ type: 'meter', meter: { usedTokens: 800, maxTokens: 1000 } });
  expect(await compact.innerText()).toContain('800 of 1,000 tokens');
  await button('Compact…').click();
  expect(await panel.postedOf('summarise')).toHaveLength(1);
  await panel.send({ type: 'summary', text: 'We looked at the parser.' });
  const box = panel.page.getByRole('textbox', { name: 'Summary of the conversation' });
  expect(await box.inputValue()).toBe('We looked at the parser.');
  expect(await panel.postedOf('compact')).toEqual([]);
  await box.fill('We looked at the parser and the lexer.');
  await button('Go on from this summary').click();
  expect(await panel.postedOf('compact')).toEqual([
    { type: 'compact', text: 'We looked at the parser and the lexer.' },
  ]);
  await panel.send({
    type: 'turns',
    turns: [{ id: 's', role: 'summary', text: 'We looked at the parser and the lexer.', of: 'a1' }],
  });
  await panel.page.getByText('Show the whole conversation').click();
  expect(await panel.postedOf('switchBranch')).toEqual([{ type: 'switchBranch', turnId: 'a1' }]);
});

test('a summary that could not be made can be asked for again, and is for its own conversation', async () => {
  const meter = { usedTokens: 900, maxTokens: 1000 };
  const turns = [question(), answer({ text: 'x' })];
  await panel.send({ type: 'snapshot', state: panelState({ turns, meter }) });
  await button('Compact…').click();
  // The library's button follows in a later turn of the page.
  await expect.poll(() => button('Compact…').isEnabled(), { timeout: 30_000 }).toBe(false);
  await panel.send({ type: 'summary' });
  await expect.poll(() => button('Compact…').isEnabled(), { timeout: 30_000 }).toBe(true);
  await panel.send({ type: 'summary', text: 'Of the first one.' });
  const box = panel.page.getByRole('textbox', { name: 'Summary of the conversation' });
  expect(await box.isVisible()).toBe(true);
  const conversation = { id: 'other', title: 'Other', pinned: false };
  await panel.send({ type: 'snapshot', state: panelState({ conversation, turns, meter }) });
  expect(await box.isVisible()).toBe(false);
});

test('a summary that was not used yet is there again when the page is made anew, as the user has changed it', async () => {
  const meter = { usedTokens: 900, maxTokens: 1000 };
  const state = panelState({ turns: [question(), answer({ text: 'x' })], meter });
  const box = panel.page.getByRole('textbox', { name: 'Summary of the conversation' });
  const madeAnew = async (): Promise<void> => {
    await panel.page.reload();
    await panel.send({ type: 'snapshot', state });
  };
  await panel.send({ type: 'snapshot', state }, { type: 'summary', text: 'The parser.' });
  await madeAnew();
  expect(await box.inputValue()).toBe('The parser.');
  await box.fill('The parser and the lexer.');
  await madeAnew();
  expect(await box.inputValue()).toBe('The parser and the lexer.');
  await button('Go on from this summary').click();
  expect(await panel.postedOf('compact')).toEqual([{ type: 'compact', text: 'The parser and the lexer.' }]);
  await madeAnew();
  expect(await box.isVisible()).toBe(false);
});

test('a summary that was not used yet does not come up in another conversation', async () => {
  const meter = { usedTokens: 900, maxTokens: 1000 };
  await panel.send(
    { type: 'snapshot', state: panelState({ meter }) },
    { type: 'summary', text: 'The parser.' },
  );
  await panel.page.reload();
  const conversation = { id: 'other', title: 'Other', pinned: false };
  await panel.send({ type: 'snapshot', state: panelState({ conversation, meter }) });
  expect(await button('Compact…').isVisible()).toBe(true);
  expect(await panel.page.getByTestId('text-form').isVisible()).toBe(false);
});

test('an answer that a reload has cut short says so, with the text that was there', async () => {
  await panel.send({
    type: 'snapshot',
    state: panelState({ turns: [question(), answer({ text: 'half an', status: 'interrupted' })] }),
  });
  expect(await panel.page.locator('.answer').innerText()).toBe('half an');
  expect(await panel.page.getByTestId('note').innerText()).toContain('the window was closed or reloaded');
});
