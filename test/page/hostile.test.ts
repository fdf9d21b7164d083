// Answers and messages that mean harm: no script runs, nothing is fetched, nothing hangs. `close` checks the policy.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openPanel, type PanelPage } from '../support/page.ts';
import { answer, panelState, question } from '../support/panel_states.ts';

let panel: PanelPage;
beforeEach(async () => {
  panel = await openPanel();
  await panel.page.evaluate(() =>
    Object.assign(window, { hit: () => window.record.violations.push('a script ran') }),
  );
});
afterEach(async () => {
  await panel.close();
});

const show = (text: string): Promise<void> =>
  panel.send({ type: 'snapshot', state: panelState({ turns: [question({ text }), answer({ text })] }) });
const html = (): Promise<string> => panel.page.locator('.answer').innerHTML();

describe('markup in an answer', () => {
  test.each([
    '<script>hit()</script>',
    '<img src=x onerror=hit()>',
    '<svg onload=hit()><animate onbegin=hit()></svg>',
    '<iframe srcdoc="<script>parent.hit()</script>"></iframe>',
    '<style>body{display:none}</style>',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=hit()&gt;">',
    '"><b onmouseover=hit()>x</b>',
    '```"><img/src=x/onerror=hit()>\ncode\n```',
    '```ts\n</code></pre><img src=x onerror=hit()>\n```',
    '- ```"onload=hit()\n  x\n  ```',
    '![<img src=x onerror=hit()>](x "onerror=hit()")',
  ])('is shown as text: %s', async text => {
    await show(text);
    const made = await panel.page
      .locator('.answer')
      .evaluate(
        node =>
          [
            ...node.querySelectorAll(
              'script, img, iframe, style, svg:not(.icon), b, math, [onerror], [onload]',
            ),
          ].length,
      );
    expect(made).toBe(0);
    expect(await panel.page.locator('.question').innerText()).toBe(text);
  });

  test.each([
    '[x](javascript:hit())',
    '[x](JaVaScRiPt:hit())',
    '[x](&#106;avascript:hit())',
    '[x](java\tscript:hit())',
    '[x](data:text/html;base64,PHNjcmlwdD5oaXQoKTwvc2NyaXB0Pg==)',
    '[x](vbscript:hit())',
    '[x](file:///etc/passwd)',
    '[x](command:workbench.action.quit)',
    '[x](vscode://evil/run)',
    '<javascript:hit()>',
    '[x]: javascript:hit()\n\n[x]',
  ])('leads nowhere: %s', async text => {
    await show(text);
    expect(await panel.page.locator('.answer a[href]').count()).toBe(0);
  });

  test('a picture is never fetched', async () => {
    await show('![cat](https://example.com/cat.png) ![](data:image/png;base64,AAAA)');
    expect(await html()).not.toContain('<img');
    expect(await panel.page.locator('.answer a[href="https://example.com/cat.png"]').innerText()).toBe('cat');
  });
});

describe('size', () => {
  const many = (text: string, times: number): string => text.repeat(times);
  test.each([
    ['a megabyte of words', many('word ', 200_000)],
    ['a megabyte in one line', many('x', 1_000_000)],
    ['a megabyte of code', `\`\`\`ts\n${many('const a = 1;\n', 80_000)}`],
    ['a wide table', `|${many(' a |', 500)}\n|${many(' - |', 500)}\n${many(`|${many(' b |', 500)}\n`, 20)}`],
    ['deep quotes', many('> ', 5000) + 'x'],
    ['deep lists', Array.from({ length: 500 }, (_, depth) => `${many('  ', depth)}- x`).join('\n')],
    ['unclosed brackets', many('[', 50_000)],
    ['unclosed emphasis', many('*a **b _c ', 20_000)],
    ['back quotes', Array.from({ length: 2000 }, (_, length) => many('`', (length % 300) + 1)).join(' ')],
    ['link definitions', many('[a]: http://x\n', 10_000)],
    ['control characters', many('\u0000\u202e\u0007', 1000)],
  ])('%s neither hangs the page nor makes it wider', async (_name, text) => {
    await show(text);
    expect(await panel.page.locator('[data-turn=a1] .answer').isVisible()).toBe(!text.startsWith('[a]:'));
    expect(await panel.page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(
      true,
    );
    expect(await panel.page.locator('.scroller').evaluate(box => box.scrollWidth <= box.clientWidth)).toBe(
      true,
    );
    await panel.page.getByLabel('Ask Hearth').fill('still alive');
    await panel.drawn();
    expect(await panel.page.getByRole('button', { name: 'Send' }).isEnabled()).toBe(true);
  });

  test('nothing of a very long answer is lost', async () => {
    const text = `${many('word ', 100_000)}END`;
    await show(text);
    const shown = await panel.page.locator('[data-turn=a1] .answer').evaluate(node => node.textContent);
    expect(shown.replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
  });
});

test('messages of unknown type or shape are ignored', async () => {
  await show('still here');
  await panel.page.evaluate(() => {
    const odd: unknown[] = [
      null,
      7,
      'text',
      [],
      {},
      { type: 'nonsense' },
      { type: 'toString' },
      { type: '__proto__' },
      { type: 'turn' },
      { type: 'turn', turn: { id: 'x', role: 'assistant' } },
      { type: 'snapshot', state: {} },
      { type: 'delta', turnId: 'a1' },
      { type: 'meter', meter: { usedTokens: 'many', maxTokens: null } },
      { type: 'engine', engine: { state: 'burning' } },
    ];
    for (const message of odd) window.postMessage(message, '*');
  });
  await panel.send(
    { type: 'delta', turnId: 'nobody', text: 'x' },
    { type: 'reading', turnId: 'nobody', done: 1, total: 2 },
  );
  expect(await panel.page.locator('.answer').allInnerTexts()).toEqual(['still here']);
});
