// The buttons of a block of code: what they send, when they are there, and how they fit into a narrow panel.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPanel, type PanelPage } from '../support/page.ts';
import { answer, panelState, question } from '../support/panel_states.ts';

let panel: PanelPage;
beforeEach(async () => {
  panel = await openPanel();
});
afterEach(async () => {
  await panel.close();
});

const uses = ['Insert code at cursor', 'Apply to file', 'New file', 'Run in terminal'];
const show = (text: string, change: Parameters<typeof answer>[0] = {}): Promise<void> =>
  panel.send({ type: 'snapshot', state: panelState({ turns: [question(), answer({ text, ...change })] }) });
const button = (name: string) => panel.page.getByRole('button', { name, exact: true });

test('each use sends the code, its language, its path and what stands before it', async () => {
  await show('In `src/b.ts`, **change** this:\n\n```ts src/a.ts\nconst a = 1;\n```');
  const code = {
    code: 'const a = 1;',
    language: 'ts',
    path: 'src/a.ts',
    before: 'In `src/b.ts`, change this:',
  };
  await button('Apply to file').click();
  await button('Insert code at cursor').click();
  await button('New file').click();
  expect((await panel.posted()).filter(({ type }) => type !== 'ready' && type !== 'findPaths')).toEqual([
    { type: 'applyCode', ...code },
    { type: 'insertCode', ...code },
    { type: 'newFile', ...code },
  ]);
  expect(await panel.page.locator('.code-language').innerText()).toBe('src/a.ts');
});

test('what stands before the code is sent wherever it is in a long answer', async () => {
  const parts = Array.from({ length: 50 }, (_, index) => `In file ${index}:\n\n\`\`\`ts\n${index};\n\`\`\``);
  await panel.page.setViewportSize({ width: 400, height: 8_000 });
  await show(parts.join('\n\n'));
  const applied = panel.page.getByRole('button', { name: 'Apply to file', exact: true });
  for (const at of [0, 19, 20, 31, 32, 44, 49]) await applied.nth(at).click();
  const sent = await panel.postedOf('applyCode');
  expect(sent.map(({ code, before }) => [code, before])).toEqual(
    [0, 19, 20, 31, 32, 44, 49].map(at => [`${at};`, `In file ${at}:`]),
  );
});

test('code that says nothing of where it belongs is sent without', async () => {
  await show('```\nfirst\n```\n\n```bash\nls -a\n```');
  await button('Apply to file').first().click();
  await button('Run in terminal').click();
  expect((await panel.posted()).slice(1)).toEqual([
    { type: 'applyCode', code: 'first', language: '' },
    { type: 'runInTerminal', code: 'ls -a', language: 'bash' },
  ]);
  expect(await panel.page.locator('.code-language').allInnerTexts()).toEqual(['text', 'bash']);
});

test('only what a shell understands can be run', async () => {
  const languages = ['bash', 'sh', 'zsh', 'console', 'powershell', 'cmd', 'bat', 'fish', 'ts', 'python', ''];
  await show(languages.map(language => `\`\`\`${language}\nx\n\`\`\``).join('\n\n'));
  expect(await button('Run in terminal').count()).toBe(8);
  expect(await button('Apply to file').count()).toBe(languages.length);
});

test('while the answer goes on, its code can only be copied', async () => {
  const text = 'Run:\n\n```bash\nls\n```\n';
  await show(text, { status: 'streaming' });
  expect(await button('Copy code').isVisible()).toBe(true);
  for (const name of uses) expect(await button(name).isVisible(), name).toBe(false);
  await show(text);
  for (const name of uses) expect(await button(name).isVisible(), name).toBe(true);
});

test.each([200, 300, 1_100])(
  'at %i pixels every button lies inside the block, and none on another',
  async width => {
    await panel.page.setViewportSize({ width, height: 600 });
    await show('```bash scripts/a-rather-long-folder/and-a-long-name-of-a-file.sh\nls\n```');
    const block = await panel.page.locator('.code-block').boundingBox();
    const boxes = await Promise.all(
      ['Copy code', ...uses].map(async name => {
        const box = await button(name).boundingBox();
        expect(box, name).not.toBeNull();
        return box as NonNullable<typeof box>;
      }),
    );
    for (const box of boxes) {
      expect(box.x).toBeGreaterThanOrEqual(block?.x ?? 0);
      expect(box.x + box.width).toBeLessThanOrEqual((block?.x ?? 0) + (block?.width ?? 0));
    }
    const overlap = boxes.some((a, index) =>
      boxes
        .slice(index + 1)
        .some(
          b =>
            a.x < b.x + b.width - 1 &&
            b.x < a.x + a.width - 1 &&
            a.y < b.y + b.height - 1 &&
            b.y < a.y + a.height - 1,
        ),
    );
    expect(overlap).toBe(false);
    const name = await panel.page.locator('.code-language').boundingBox();
    expect(name?.width).toBeGreaterThan(50);
    expect(await panel.page.locator('.code-language').getAttribute('title')).toContain(
      'and-a-long-name-of-a-file.sh',
    );
  },
);
