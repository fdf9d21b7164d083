// A question in the conversation, with what the model got beside its words.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openPanel, type PanelPage } from '../support/page.ts';
import { answer, panelState, question } from '../support/panel_states.ts';

let panel: PanelPage;
beforeEach(async () => (panel = await openPanel({ width: 200 })));
afterEach(() => panel.close());

test('attachments and remarks stand below the words, and text in them is text', async () => {
  const notes = [
    'Attached: src/a_long_folder_name/another_long_folder_name/order.ts:3-9',
    '<b>It</b> was cut.',
  ];
  const asked = question({ text: '/fix', notes });
  await panel.send({ type: 'snapshot', state: panelState({ turns: [asked, answer({ text: 'Done.' })] }) });
  const shown = panel.page.locator('.question-notes .note');
  expect(await shown.allInnerTexts()).toEqual(notes);
  expect(await panel.page.locator('.question-notes b').count()).toBe(0);
  expect(await panel.page.locator('.scroller').evaluate(box => box.scrollWidth <= box.clientWidth)).toBe(
    true,
  );
  await panel.send({ type: 'turn', turn: question({ text: '/fix' }) });
  expect(await shown.count()).toBe(0);
});

test('the last question comes back as it was typed', async () => {
  await panel.send({
    type: 'snapshot',
    state: panelState({ turns: [question({ text: '/fix', notes: ['Attached: a'] })] }),
  });
  await panel.page.getByLabel('Ask Hearth').press('ArrowUp');
  expect(await panel.page.getByLabel('Ask Hearth').inputValue()).toBe('/fix');
});

describe('the text of a question', () => {
  const shown = () => panel.page.locator('.question');
  const show = (text: string): Promise<void> =>
    panel.send({
      type: 'snapshot',
      state: panelState({ turns: [question({ text }), answer({ text: 'So.' })] }),
    });

  test('is what was typed, line by line, with its code as blocks', async () => {
    const list = '- one\n  more\n- two';
    await show(`Why  is __init__\n    <b>so</b>?\n\n\`\`\`ts\nlet a;\n\`\`\`\n${list}`);
    expect(await shown().locator('.typed').first().textContent()).toBe('Why  is __init__\n    <b>so</b>?\n');
    expect(await shown().locator('.code-block code').innerText()).toBe('let a;');
    expect(await shown().locator('li').allTextContents()).toEqual(['- one\n  more', '- two']);
    await panel.page.getByRole('button', { name: 'Copy code' }).click();
    expect(await panel.postedOf('copyCode')).toEqual([{ type: 'copyCode', code: 'let a;' }]);
  });

  test('opens no address but one of the web', async () => {
    await show('https://example.com/a, [x](command:quit) javascript:alert(1)');
    expect(await shown().locator('a').count()).toBe(1);
    await shown().locator('a').click();
    expect(await panel.postedOf('openLink')).toEqual([{ type: 'openLink', href: 'https://example.com/a' }]);
  });

  test('that is long is folded, and one button shows and folds it, also by keyboard', async () => {
    await show(Array.from({ length: 1700 }, (_, line) => `line ${line}`).join('\n'));
    expect(await shown().innerText()).toContain('line 3');
    expect(await shown().innerText()).not.toContain('line 50');
    const button = (name: string) => panel.page.getByRole('button', { name });
    expect(await button('Show all 1,700 lines').getAttribute('aria-expanded')).toBe('false');
    await panel.screenshot('question-folded');
    await button('Show all 1,700 lines').press('Enter');
    await panel.drawn();
    expect(await shown().innerText()).toContain('line 1699');
    await panel.page.keyboard.press('Enter');
    await panel.drawn();
    expect(await shown().innerText()).not.toContain('line 1699');
  });

  test('that is short is not folded', async () => {
    await show(Array.from({ length: 40 }, (_, line) => `line ${line}`).join('\n'));
    expect(await shown().innerText()).toContain('line 39');
    expect(await panel.page.getByRole('button', { name: /Show all/ }).count()).toBe(0);
  });
});
