// Paths in answers: which of them are asked for, how they look, and what a click on one says.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PathView } from '../../webview/protocol.ts';
import { openPanel, type PanelPage } from '../support/page.ts';
import { answer, panelState, question } from '../support/panel_states.ts';

let panel: PanelPage;
beforeEach(async () => {
  panel = await openPanel();
});
afterEach(async () => {
  await panel.close();
});

const show = (text: string, change: Parameters<typeof answer>[0] = {}): Promise<void> =>
  panel.send({ type: 'snapshot', state: panelState({ turns: [question(), answer({ text, ...change })] }) });

/** All paths asked for so far, once there are so many. */
async function asked(count: number): Promise<string[]> {
  const all = async (): Promise<string[]> =>
    (await panel.postedOf('findPaths')).flatMap(message => message.paths.map(({ path }) => path));
  await expect.poll(async () => (await all()).length).toBe(count);
  return all();
}

const found = (...views: PathView[]): Promise<void> => panel.send({ type: 'paths', found: views });
const links = () => panel.page.locator('.answer [role="link"]');
const missing = () => panel.page.locator('.answer .place[data-kind="missing"]');

test('a path that exists is a link in text, in a span of code and in a link of markdown, and opens at its line', async () => {
  await show(
    'See src/a.ts:3, `src/b.ts:4:2`, [order](src/c.ts#L5-L6) and `my folder/d.ts` (line 7); `src` and https://example.com/e.ts.',
  );
  const paths = await asked(4);
  expect(paths).toEqual(['src/c.ts', 'src/b.ts', 'my folder/d.ts', 'src/a.ts']);
  expect(await links().count()).toBe(0);
  await found(...paths.map(path => ({ path, kind: 'file' as const, name: path })));
  expect(await links().allInnerTexts()).toEqual(['src/a.ts:3', 'src/b.ts:4:2', 'order', 'my folder/d.ts']);
  expect(await links().first().getAttribute('title')).toBe('Open src/a.ts at line 3');
  for (const link of await links().all()) await link.click();
  await links().first().press('Enter');
  expect(await panel.postedOf('openPath')).toEqual([
    { type: 'openPath', path: 'src/a.ts', line: 3 },
    { type: 'openPath', path: 'src/b.ts', line: 4, column: 2 },
    { type: 'openPath', path: 'src/c.ts', line: 5, endLine: 6 },
    { type: 'openPath', path: 'my folder/d.ts', line: 7 },
    { type: 'openPath', path: 'src/a.ts', line: 3 },
  ]);
  expect(await panel.postedOf('openLink')).toEqual([]);
});

test('a path without a file is marked, with the nearest name to open instead', async () => {
  await show('Look into `src/ordr.ts`, and either and/or both.');
  await asked(2);
  await found(
    { path: 'src/ordr.ts', kind: 'missing', near: 'src/order.ts' },
    { path: 'and/or', kind: 'missing' },
  );
  expect(await missing().allTextContents()).toEqual(['src/ordr.ts (not in the workspace)']);
  expect(await missing().getAttribute('title')).toContain('src/order.ts');
  await panel.page.getByRole('link', { name: 'Did the model mean src/order.ts?' }).click();
  expect(await panel.postedOf('openPath')).toEqual([{ type: 'openPath', path: 'src/order.ts' }]);
  await missing().click();
  expect(await panel.postedOf('openPath')).toHaveLength(1);
});

test('nothing is said of a path that the host does not know', async () => {
  await show('In /etc/a.ts and `src/b.ts`.');
  await asked(2);
  await found({ path: '/etc/a.ts', kind: 'unknown' }, { path: 'src/b.ts', kind: 'unknown' });
  expect(await links().count()).toBe(0);
  expect(await missing().count()).toBe(0);
  expect(await panel.page.locator('.answer').innerText()).toBe('In /etc/a.ts and src/b.ts.');
});

test('the text of code is left alone, but the path that a block is for is a link', async () => {
  await show('```ts src/a.ts\nimport "src/b.ts";\n```\n\n- one\n  ```\n  src/c.ts\n  ```');
  expect(await asked(1)).toEqual(['src/a.ts']);
  await found({ path: 'src/a.ts', kind: 'file', name: 'src/a.ts' });
  await links().click();
  expect(await panel.postedOf('openPath')).toEqual([{ type: 'openPath', path: 'src/a.ts' }]);
  await panel.send({ type: 'pathsChanged' });
  expect(await asked(2)).toEqual(['src/a.ts', 'src/a.ts']);
  // A file that is still to be made is no fault.
  await found({ path: 'src/a.ts', kind: 'missing' });
  expect(await missing().count()).toBe(0);
  expect(await links().count()).toBe(0);
});

test('a span of code that is no path as a whole is looked into', async () => {
  await show('Run `node src/a.ts`.');
  expect(await asked(1)).toEqual(['node src/a.ts']);
  await found({ path: 'node src/a.ts', kind: 'missing' });
  expect(await asked(2)).toEqual(['node src/a.ts', 'src/a.ts']);
  await found({ path: 'src/a.ts', kind: 'file', name: 'src/a.ts' });
  expect(await links().allInnerTexts()).toEqual(['src/a.ts']);
  expect(await panel.page.locator('.answer code').innerText()).toBe('node src/a.ts');
});

test('while an answer grows, its finished blocks are asked for together, each path once', async () => {
  const first = 'In src/a.ts.\n\nAnd src/a.ts, src/b.ts.\n\n';
  await show('', { status: 'streaming' });
  await panel.stream([...first, ...'Last src/c.ts'].map(text => ({ type: 'delta', turnId: 'a1', text })));
  expect((await asked(2)).toSorted()).toEqual(['src/a.ts', 'src/b.ts']);
  await found({ path: 'src/a.ts', kind: 'file', name: 'src/a.ts' });
  expect(await links().allInnerTexts()).toEqual(['src/a.ts', 'src/a.ts']);
  await panel.send({ type: 'turn', turn: answer({ text: `${first}Last src/c.ts` }) });
  expect(await asked(3)).toContain('src/c.ts');
  await found({ path: 'src/c.ts', kind: 'file', name: 'src/c.ts' });
  expect(await links().count()).toBe(3);
});

test('an answer has the host look up a bounded number of paths, in messages of a bounded size', async () => {
  await show(Array.from({ length: 400 }, (_, index) => `src/file${index}.ts`).join('\n\n'));
  await asked(300);
  const sizes = (await panel.postedOf('findPaths')).map(message => message.paths.length);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(64);
});

test('an answer that is shown again is checked again, and files that came or went are noticed', async () => {
  await show('In src/a.ts.');
  await asked(1);
  await found({ path: 'src/a.ts', kind: 'missing' });
  expect(await missing().count()).toBe(1);
  await panel.send({ type: 'pathsChanged' });
  await asked(2);
  await found({ path: 'src/a.ts', kind: 'file', name: 'src/a.ts' });
  expect(await missing().count()).toBe(0);
  expect(await links().allInnerTexts()).toEqual(['src/a.ts']);
  await panel.send({ type: 'snapshot', state: panelState() });
  await show('In src/a.ts.');
  await asked(3);
});

test('a question is not searched for paths', async () => {
  await panel.send({
    type: 'snapshot',
    state: panelState({ turns: [question({ text: 'src/q.ts?' }), answer({ text: 'src/a.ts' })] }),
  });
  expect(await asked(1)).toEqual(['src/a.ts']);
});
