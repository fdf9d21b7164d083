// What the page makes of Markdown: blocks of code, formulas, tasks and diagrams, finished and while they come.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openPanel, type PanelPage } from '../support/page.ts';
import { answer, panelState, question } from '../support/panel_states.ts';

let panel: PanelPage;
beforeEach(async () => {
  panel = await openPanel();
});
afterEach(async () => {
  await panel.close();
});

const show = (text: string): Promise<void> =>
  panel.send({ type: 'snapshot', state: panelState({ turns: [question(), answer({ text })] }) });
const delta = (text: string) => ({ type: 'delta', turnId: 'a1', text }) as const;
const readme = '```markdown\n# Tool\n```bash\nmake\n```\nEnd.\n```\nDone.';

test('headings go down by one level at a time for a screen reader, also while they come', async () => {
  const levels = (): Promise<[string, string | null][]> =>
    panel.page
      .locator('.answer :is(h3, h4, h5, h6)')
      .evaluateAll(all => all.map(one => [one.textContent, one.getAttribute('aria-level')]));
  const text = '## One\n\nText.\n\n#### Two\n\n> # Three\n\n## Four\n\n### Five\n\nEnd.';
  const expected = [
    ['One', '3'],
    ['Two', '4'],
    ['Three', null],
    ['Four', null],
    ['Five', null],
  ];
  await show(text);
  expect(await levels()).toEqual(expected);
  await panel.send({ type: 'turn', turn: answer({ status: 'streaming' }) });
  await panel.stream([...text].map(delta));
  await panel.send({ type: 'turn', turn: answer({ text }) });
  expect(await levels()).toEqual(expected);
});

describe('a block of code inside a block of Markdown', () => {
  const whole = '# Tool\n```bash\nmake\n```\nEnd.';

  test('stays in it, and is copied with it', async () => {
    await show(readme);
    expect(await panel.page.locator('.code-block').count()).toBe(1);
    await panel.page.getByRole('button', { name: 'Copy code' }).click();
    expect(await panel.postedOf('copyCode')).toEqual([{ type: 'copyCode', code: whole }]);
    expect(await panel.page.locator('.answer > p').innerText()).toBe('Done.');
  });

  test('never leaves it while the answer comes, and the answer gets no shorter', async () => {
    await panel.send(
      { type: 'snapshot', state: panelState({ busy: true }) },
      { type: 'turn', turn: answer({ status: 'streaming' }) },
    );
    const text = `${readme}\n\nSee [the long address](https://example.com/${'path/'.repeat(40)}) and **more**.\n\nSo $${'{}'.repeat(200)}x$ is short.\n\n| a | b |\n|---|---|\n| ${'wide '.repeat(40)}| c |\n`;
    const heights = await panel.page.evaluate(
      async pieces => {
        const seen: { height: number; blocks: number; first: boolean }[] = [];
        let kept: Element | null = null;
        for (const piece of pieces) {
          window.record.deliver({ type: 'delta', turnId: 'a1', text: piece });
          await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
          const box = document.querySelector('.answer');
          const block = document.querySelector('.code-block');
          kept ??= block;
          seen.push({
            height: box?.getBoundingClientRect().height ?? 0,
            blocks: document.querySelectorAll('.code-block').length,
            first: block === kept,
          });
        }
        return seen;
      },
      text.match(/[^]{1,6}/g) ?? [],
    );
    for (const [index, { height, blocks, first }] of heights.entries()) {
      expect(height).toBeGreaterThanOrEqual(heights[index - 1]?.height ?? 0);
      expect(blocks).toBeLessThanOrEqual(1);
      expect(first).toBe(true);
    }
    await panel.send({ type: 'turn', turn: answer({ text }) });
    expect(await panel.page.locator('.code-block code').innerText()).toBe(whole);
  });
});

test('a block of code shows the path that its fence names, else the language', async () => {
  await show('```ts title="src/a.ts"\nx\n```\n\n```{.python}\nx\n```\n\n```src/b.rs\nx\n```\n\n```\nx\n```');
  expect(await panel.page.locator('.code-language').allInnerTexts()).toEqual([
    'src/a.ts',
    'python',
    'src/b.rs',
    'text',
  ]);
});

test('formulas are drawn by the browser, and a wrong one shows its source', async () => {
  await show('Energy $E = mc^2$ for $5 and $6:\n\n$$\n\\frac{a}{b}\n$$\n\nBad: $\\nope{x}$');
  const answerBox = panel.page.locator('.answer');
  expect(await answerBox.locator('math').count()).toBe(2);
  const [top, bottom] = await answerBox
    .locator('mfrac > *')
    .evaluateAll(parts => parts.map(part => part.getBoundingClientRect().top));
  expect(bottom).toBeGreaterThan(top ?? 0);
  expect(await answerBox.innerText()).toContain('$5 and $6');
  expect(await answerBox.innerText()).toContain('Bad: $\\nope{x}$');
});

test('tasks are boxes that are named by their text and cannot be changed', async () => {
  await show('- [ ] water the *plants*\n- [x] go home');
  const open = panel.page.getByRole('checkbox', { name: 'water the plants' });
  const done = panel.page.getByRole('checkbox', { name: 'go home' });
  expect(await open.isChecked()).toBe(false);
  expect(await done.isChecked()).toBe(true);
  expect(await open.isDisabled()).toBe(true);
});

test('a diagram has a preview only where the editor can show one', async () => {
  await show('```mermaid\ngraph TD\n  A-->B\n```\n\n```ts\nx\n```');
  const preview = panel.page.getByRole('button', { name: 'Open preview' });
  expect(await preview.count()).toBe(0);
  await panel.send({ type: 'diagrams', canPreview: true });
  await preview.click();
  expect(await panel.postedOf('previewDiagram')).toEqual([
    { type: 'previewDiagram', code: 'graph TD\n  A-->B' },
  ]);
});

test('characters that hide what a text says are shown by their names, and copied as they are', async () => {
  const code = 'if (a) { /*\u202e } \u2066if (b)\u2069 */';
  await show(`\u001b[31mred\u001b[0m \`${code}\`\n\n\`\`\`c\n${code}\n\`\`\``);
  expect(await panel.page.locator('.answer p').innerText()).toContain('U+001B[31mred');
  expect(await panel.page.locator('.code-block code').innerText()).toContain(
    '/*U+202E } U+2066if (b)U+2069 */',
  );
  await panel.page.getByRole('button', { name: 'Copy code' }).click();
  expect(await panel.postedOf('copyCode')).toEqual([{ type: 'copyCode', code }]);
});

test('an answer that goes on after it had ended keeps its blocks', async () => {
  const text = 'One.\n\n```ts\nlet a;\n```\n\n```ts\nlet b;';
  await show(text);
  await panel.page.evaluate(() =>
    document.querySelectorAll('.answer > *').forEach(node => (node.id = 'kept')),
  );
  await panel.send(
    { type: 'turn', turn: answer({ text, status: 'streaming' }) },
    delta('\nlet c;\n'),
    delta('```\nEnd **now'),
  );
  expect(await panel.page.locator('.answer > #kept').count()).toBe(3);
  expect(await panel.page.locator('.code-block code').last().innerText()).toBe('let b;\nlet c;');
  expect(await panel.page.locator('.answer > p').last().innerHTML()).toBe('End <strong>now</strong>');
});
