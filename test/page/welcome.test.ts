// The questions of an empty chat: those about files only where there are files.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPanel, type PanelPage } from '../support/page.ts';
import { panelState, readyWorkspace } from '../support/panel_states.ts';

const aboutProject = 'What does this project do, and where does it start?';
const sampleQuestion = 'Where is Stock defined?';

let panel: PanelPage;
beforeEach(async () => {
  panel = await openPanel();
});
afterEach(async () => {
  await panel.close();
});

const shown = (): Promise<string[]> => panel.page.locator('.examples li').allInnerTexts();

test('with no folder open no question is about one', async () => {
  const workspace = { ...readyWorkspace, name: undefined, state: 'none' as const };
  await panel.send({ type: 'snapshot', state: panelState({ workspace }) });
  expect(await shown()).toHaveLength(2);
  expect(await shown()).not.toContain(aboutProject);
});

test('a question whose answer is in the files comes first as soon as the host knows one', async () => {
  await panel.send({ type: 'snapshot', state: panelState() });
  expect(await shown()).toHaveLength(3);
  expect((await shown())[0]).toBe(aboutProject);
  await panel.send({ type: 'workspace', workspace: { ...readyWorkspace, sampleQuestion } });
  expect((await shown()).slice(0, 2)).toEqual([sampleQuestion, aboutProject]);
  expect(await shown()).toHaveLength(3);
});

test('it goes into the box with the files ticked, to be sent by Enter', async () => {
  const workspace = { ...readyWorkspace, sampleQuestion };
  await panel.send({ type: 'snapshot', state: panelState({ workspace }) });
  await panel.page.getByRole('button', { name: sampleQuestion }).click();
  await panel.page.keyboard.press('Enter');
  expect(await panel.postedOf('submit')).toEqual([
    { type: 'submit', text: sampleQuestion, useWorkspace: true },
  ]);
});

test('the buttons stay while nothing about them changes: the focus is not lost', async () => {
  await panel.send({ type: 'snapshot', state: panelState() });
  await panel.page.getByRole('button', { name: aboutProject }).focus();
  await panel.send({ type: 'workspace', workspace: { ...readyWorkspace, fileCount: 99 } });
  expect(
    await panel.page.getByRole('button', { name: aboutProject }).evaluate(it => it.matches(':focus')),
  ).toBe(true);
});
