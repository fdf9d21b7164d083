// What comes with a question: picked with @ at the cursor, dropped, pasted; shown as chips, and told when it does not fit.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AttachmentView, DraftView } from '../../webview/protocol.ts';
import { openPanel, type PanelPage } from '../support/page.ts';
import { answer, panelState, question } from '../support/panel_states.ts';

const chip = (change: Partial<AttachmentView> = {}): AttachmentView => ({
  id: 'x1',
  kind: 'file',
  label: 'src/order.ts',
  tokens: 210,
  estimated: true,
  ...change,
});
const paste = chip({ id: 'x2', kind: 'paste', label: 'Pasted text, 80 lines', tokens: 900 });
const editor = chip({ id: 'editor', label: 'src/main.ts', tokens: 40 });

let panel: PanelPage;
const open = async (draft: DraftView = { attachments: [] }): Promise<void> => {
  await panel.send({ type: 'snapshot', state: panelState({ draft }) });
  await panel.send({ type: 'focusInput' });
};
beforeEach(async () => {
  panel = await openPanel();
  await open();
});
afterEach(() => panel.close());

const box = () => panel.page.getByLabel('Ask Hearth');
const list = () => panel.page.getByRole('listbox', { name: 'Attach' });
const labels = (): Promise<string[]> => panel.page.locator('.suggest-label').allInnerTexts();
const chips = () => panel.page.locator('.composer .chip');
const type = (text: string): Promise<void> => panel.page.keyboard.type(text);
const press = async (...keys: string[]): Promise<void> => {
  for (const key of keys) await panel.page.keyboard.press(key);
};
/** What has the focus, by its name. */
const focused = (): Promise<string | null | undefined> =>
  panel.page.evaluate(() => {
    const target = document.activeElement?.shadowRoot?.activeElement ?? document.activeElement;
    return target?.getAttribute('aria-label');
  });
const attached = async (): Promise<unknown[]> => (await panel.postedOf('attach')).map(({ what }) => what);
const files = (kind: 'file' | 'folder' | 'symbol', query: string, ...names: string[]) =>
  ({
    type: 'places',
    kind,
    query,
    places: names.map(label => ({ uri: `file:///w/${label}`, label })),
  }) as const;

test('an @ at the cursor offers every kind of thing, and files', async () => {
  await type('Why is ');
  await type('@');
  expect(await list().isVisible()).toBe(true);
  expect(await panel.postedOf('findPlaces')).toEqual([{ type: 'findPlaces', kind: 'file', query: '' }]);
  await panel.send(files('file', '', 'src/order.ts'));
  expect(await labels()).toEqual([
    '@file',
    '@folder',
    '@symbol',
    '@selection',
    '@problems',
    '@terminal',
    '@git-diff',
    '@workspace',
    'src/order.ts',
  ]);
  await panel.screenshot('mention-list');
});

test('an @ inside a word, as in an address, offers nothing', async () => {
  await type('me@example');
  expect(await list().isVisible()).toBe(false);
});

test('a picked thing is attached, its word goes away, and the cursor stays', async () => {
  await type('Why does  fail?');
  await press(...Array.from({ length: 6 }, () => 'ArrowLeft'));
  await type('@prob');
  expect(await labels()).toContain('@problems');
  await press('Enter');
  expect(await attached()).toEqual([{ kind: 'problems' }]);
  expect(await box().inputValue()).toBe('Why does fail?');
  await type('it ');
  expect(await box().inputValue()).toBe('Why does it fail?');
  expect(await panel.postedOf('submit')).toEqual([]);
});

test.each(['file', 'folder', 'symbol'] as const)('@%s goes on with names of that kind', async kind => {
  await type(`@${kind.slice(0, 3)}`);
  await press('Tab');
  expect(await box().inputValue()).toBe(`@${kind}:`);
  expect((await panel.postedOf('findPlaces')).at(-1)).toEqual({ type: 'findPlaces', kind, query: '' });
  await panel.send(files(kind, '', 'alpha', 'beta'));
  expect(await labels()).toEqual(['alpha', 'beta']);
  await type('be');
  expect((await panel.postedOf('findPlaces')).at(-1)).toMatchObject({ kind, query: 'be' });
  await panel.send(files(kind, 'be', 'beta'));
  await press('Enter');
  expect(await attached()).toEqual([
    kind === 'symbol'
      ? { kind, uri: 'file:///w/beta', name: 'beta', startLine: 1, endLine: 1 }
      : { kind, uri: 'file:///w/beta' },
  ]);
  expect(await box().inputValue()).toBe('');
});

test('a name that is not there is told, and Escape closes the list until something is written', async () => {
  await type('@file:nothing');
  await panel.send(files('file', 'nothing'));
  expect(await panel.page.getByText('Nothing of this name was found.').isVisible()).toBe(true);
  await press('Escape');
  await panel.send(files('file', 'nothing', 'nothing.ts'));
  expect(await panel.page.locator('.suggest-list:visible').count()).toBe(0);
  await press('Backspace');
  expect(await labels()).toEqual(['nothing.ts']);
});

test('@workspace asks about all files', async () => {
  await type('@work');
  await press('Enter');
  await type('What is this?');
  await press('Enter');
  expect(await panel.postedOf('submit')).toEqual([
    { type: 'submit', text: 'What is this?', useWorkspace: true },
  ]);
  expect(await attached()).toEqual([]);
});

test('chips say what comes along and how long it is; the file in the editor is one of them', async () => {
  await open({ attachments: [chip(), paste], editor });
  expect(await chips().locator('.chip-label').allInnerTexts()).toEqual([
    'main.ts',
    'order.ts',
    'Pasted text, 80 lines',
  ]);
  expect(await chips().locator('.chip-size').first().innerText()).toBe('about 40 tokens');
  expect(await chips().first().locator('.chip-main').getAttribute('aria-label')).toContain(
    'The file in the editor comes along by itself.',
  );
  await panel.screenshot('chips');
  await chips().first().locator('.chip-main').click();
  await panel.page.getByRole('button', { name: 'Remove src/main.ts' }).click();
  await panel.page.getByRole('button', { name: 'Put it into the input as text' }).click();
  expect(await panel.postedOf('attached')).toEqual([
    { type: 'attached', action: 'open', attachmentId: 'editor' },
    { type: 'attached', action: 'remove', attachmentId: 'editor' },
    { type: 'attached', action: 'toText', attachmentId: 'x2' },
  ]);
});

test('by keyboard: Backspace at the start goes to the chips, arrows between them, and removing goes back', async () => {
  await open({ attachments: [chip(), paste] });
  await press('Backspace');
  expect(await focused()).toContain('Pasted text, 80 lines');
  await press('ArrowLeft');
  expect(await focused()).toContain('src/order.ts');
  await press('Delete');
  expect(await panel.postedOf('attached')).toEqual([
    { type: 'attached', action: 'remove', attachmentId: 'x1' },
  ]);
  await panel.send({ type: 'draft', draft: { attachments: [paste] } });
  expect(await focused()).toContain('Pasted text, 80 lines');
  await press('Backspace');
  await panel.send({ type: 'draft', draft: { attachments: [] } });
  expect(await focused()).toBe('Ask Hearth');
  await type('ab');
  await press('Home', 'Delete', 'Backspace');
  expect(await box().inputValue()).toBe('b');
});

test('a text comes back to where the cursor is', async () => {
  await type('before after');
  await press(...Array.from({ length: 5 }, () => 'ArrowLeft'));
  await panel.send({ type: 'insertText', text: 'pasted ' });
  expect(await box().inputValue()).toBe('before pasted after');
});

/** Puts an event with data on the target, as the system would. */
const give = (
  what: 'paste' | 'drop',
  data: Record<string, string>,
  given: { name: string; type: string; text: string }[] = [],
): Promise<boolean> =>
  box().evaluate(
    (control, [name, texts, list]) => {
      const transfer = new DataTransfer();
      for (const [kind, text] of Object.entries(texts)) transfer.setData(kind, text);
      for (const file of list) transfer.items.add(new File([file.text], file.name, { type: file.type }));
      const options = { bubbles: true, composed: true, cancelable: true };
      const event =
        name === 'paste'
          ? new ClipboardEvent('paste', { ...options, clipboardData: transfer })
          : new DragEvent('drop', { ...options, dataTransfer: transfer });
      return !control.dispatchEvent(event);
    },
    [what, data, given] as const,
  );

test('a long text that is pasted becomes a chip, a short one goes into the box', async () => {
  const long = 'line\n'.repeat(50);
  expect(await give('paste', { 'text/plain': long })).toBe(true);
  expect(await give('paste', { 'text/plain': 'x'.repeat(4000) })).toBe(true);
  expect(await give('paste', { 'text/plain': 'short' })).toBe(false);
  expect(await attached()).toEqual([
    { kind: 'paste', text: long },
    { kind: 'paste', text: 'x'.repeat(4000) },
  ]);
});

test('files that are pasted or dropped are handed over; of a picture only that it is there', async () => {
  expect(await give('paste', {}, [{ name: 'a.txt', type: 'text/plain', text: 'hello' }])).toBe(true);
  expect(await give('drop', {}, [{ name: 'b.png', type: 'image/png', text: 'PNG' }])).toBe(true);
  await expect.poll(attached).toEqual([
    { kind: 'content', name: 'a.txt', mimeType: 'text/plain', bytes: 5, data: btoa('hello') },
    { kind: 'content', name: 'b.png', mimeType: 'image/png', bytes: 3 },
  ]);
});

test('places that are dropped from the editor are named; other things are not for us', async () => {
  expect(await give('drop', { 'application/vnd.code.uri-list': 'file:///w/a\r\nfile:///w/b' })).toBe(true);
  expect(await give('drop', { 'text/plain': 'words' })).toBe(false);
  expect(await attached()).toEqual([{ kind: 'places', uris: ['file:///w/a', 'file:///w/b'] }]);
});

test('what does not fit is told while it is written', async () => {
  const note = panel.page.locator('.fit-note');
  expect(await note.isVisible()).toBe(false);
  await open({ attachments: [chip({ tokens: 6000 })] });
  expect(await note.innerText()).toContain('the oldest ones');
  await open({ attachments: [chip({ tokens: 7000 })] });
  expect(await note.innerText()).toContain('Longest: src/order.ts (7,000)');
  // It has no mark of the model page, where something else fits or does not.
  expect(await note.evaluate(node => getComputedStyle(node, '::before').content)).toBe('none');
  await panel.screenshot('too-long');
});

test('a question shows what was attached; edited, it keeps what is not removed', async () => {
  const asked = question({ attachments: [chip({ id: '1' }), chip({ id: '2', label: 'src/b.ts' })] });
  await panel.send({ type: 'snapshot', state: panelState({ turns: [asked, answer({ text: 'Done.' })] }) });
  const shown = panel.page.locator('.turn .chip');
  expect(await shown.locator('.chip-label').allInnerTexts()).toEqual(['order.ts', 'b.ts']);
  expect(await shown.locator('.chip-button').count()).toBe(0);
  const edit = panel.page.getByRole('button', { name: 'Edit question' });
  await edit.click();
  await panel.page.getByRole('button', { name: 'Remove src/order.ts' }).click();
  await panel.page.getByRole('button', { name: 'Cancel' }).click();
  expect(await shown.count()).toBe(2);
  await edit.click();
  await panel.page.getByRole('button', { name: 'Remove src/order.ts' }).click();
  await panel.page.getByRole('button', { name: 'Ask this instead' }).click();
  expect(await panel.postedOf('edit')).toMatchObject([{ turnId: 'q1', attachmentIds: ['2'] }]);
});

test('while a question is edited, more is attached with @, by keyboard, and a long text that is pasted', async () => {
  const asked = question({ attachments: [chip({ id: '1' })] });
  await panel.send({ type: 'snapshot', state: panelState({ turns: [asked, answer({ text: 'Done.' })] }) });
  await panel.page.getByRole('button', { name: 'Edit question' }).press('Enter');
  const form = panel.page.getByRole('textbox', { name: 'Question' });
  await form.press('End');
  await panel.page.keyboard.type(' See @file:ord');
  await panel.send({
    type: 'places',
    kind: 'file',
    query: 'ord',
    places: [{ uri: 'file:///w/src/order.ts', label: 'src/order.ts' }],
  });
  const list = panel.page.locator('.turn .suggest-list');
  await panel.screenshot('edit-attach');
  // It lies over the answer, where all of it can be seen.
  const [top, bottom] = await list.evaluate(node => {
    const { x, y, height } = node.getBoundingClientRect();
    return [y + 3, y + height - 3].map(at => node.contains(document.elementFromPoint(x + 10, at)));
  });
  expect([top, bottom]).toEqual([true, true]);
  await panel.page.keyboard.press('Escape');
  expect(await form.isVisible()).toBe(true);
  await panel.page.keyboard.type('e');
  await panel.page.keyboard.press('Backspace');
  await panel.page.keyboard.press('Enter');
  expect(await form.inputValue()).toBe('Where is the parser? See ');
  // Each thing once.
  for (const _time of [1, 2]) {
    await panel.page.keyboard.type('@prob');
    await panel.page.keyboard.press('Tab');
  }
  await panel.page.keyboard.type('@workspace');
  await panel.page.keyboard.press('Enter');
  await form.evaluate(node => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', 'line\n'.repeat(59) + 'line');
    node.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, composed: true }));
  });
  expect(await panel.page.locator('.turn .chip-label').allInnerTexts()).toEqual([
    'order.ts',
    '@problems',
    'Pasted text, 60 lines',
  ]);
  expect(await panel.page.getByText('Asked about the whole workspace').isVisible()).toBe(true);
  await panel.page.getByRole('button', { name: 'Remove @problems' }).click();
  await form.press('Control+Enter');
  const [edit] = await panel.postedOf('edit');
  expect(edit).toMatchObject({ useWorkspace: true, attachmentIds: [] });
  expect(edit?.attach).toMatchObject([{ kind: 'file', uri: 'file:///w/src/order.ts' }, { kind: 'paste' }]);
  // What was not asked is forgotten.
  await panel.page.getByRole('button', { name: 'Edit question' }).press('Enter');
  expect(await panel.page.locator('.turn .chip').count()).toBe(1);
});

test('in 200 pixels nothing is cut off', async () => {
  await panel.page.setViewportSize({ width: 200, height: 600 });
  await open({ attachments: [chip({ label: 'a_very_long_name_of_a_file_that_goes_on.ts' }), paste], editor });
  expect(await panel.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(200);
  await panel.screenshot('chips-200');
  // The size gives way before the name.
  await open({ attachments: [chip({ kind: 'selection', label: 'src/order.ts:13-19', tokens: 12_345 })] });
  const cut = (part: string): Promise<boolean> =>
    chips()
      .locator(part)
      .evaluate(node => node.scrollWidth > node.clientWidth);
  expect([await cut('.chip-label'), await cut('.chip-size')]).toEqual([false, true]);
});
