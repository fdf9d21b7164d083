// A question in the conversation, with what the model got beside its words.
import { afterEach, beforeEach, expect, test } from 'vitest';
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
