// Answers and messages that mean harm: no script runs, nothing is fetched, nothing hangs. `close` checks the policy.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ToPanel } from '../../webview/protocol.ts';
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

describe('a message that the page cannot show', () => {
  const fault = () => panel.page.locator('.page-fault');
  const odd: { name: string; message: unknown; says: string }[] = [
    { name: 'none at all', message: null, says: 'process a message of type "undefined"' },
    { name: 'of unknown type', message: { type: 'nonsense' }, says: 'process a message of type "nonsense"' },
    { name: 'without its content', message: { type: 'turn' }, says: 'process a message of type "turn"' },
    {
      name: 'with half a turn',
      message: { type: 'turn', turn: { id: 'x', role: 'assistant' } },
      says: 'draw the page',
    },
    { name: 'with an empty snapshot', message: { type: 'snapshot', state: {} }, says: 'page' },
  ];

  test.each(odd)('is reported on the page, with what to do: $name', async ({ message, says }) => {
    await show('still here');
    expect(await fault().innerText()).toBe('');
    await panel.send(message as ToPanel);
    expect(await fault().isVisible()).toBe(true);
    expect(await fault().getAttribute('role')).toBe('alert');
    expect(await fault().innerText()).toContain('Developer: Reload Window');
    expect(await fault().innerText()).toContain(says);
    expect(panel.takeErrors()).not.toEqual([]);
  });

  test('is reported on a page that has shown nothing yet', async () => {
    await panel.send({ type: 'snapshot', state: {} } as ToPanel);
    expect(await fault().isVisible()).toBe(true);
    expect(panel.takeErrors()).not.toEqual([]);
  });

  test('takes nothing from the messages that follow', async () => {
    await show('still here');
    await panel.send({ type: 'nonsense' } as never, { type: 'turn', turn: answer({ text: 'and on' }) });
    expect(panel.takeErrors()).toHaveLength(1);
    expect(await panel.page.locator('.answer').innerText()).toBe('and on');
    await panel.page.getByLabel('Ask Hearth').fill('still alive');
    expect(await panel.page.getByRole('button', { name: 'Send' }).isVisible()).toBe(true);
  });
});

test('what other scripts of the page post is none of the messages', async () => {
  await show('still here');
  await panel.page.evaluate(
    () =>
      new Promise<void>(arrived => {
        window.addEventListener('message', ({ data }) => data === 'last' && arrived());
        for (const message of [null, { source: 'a browser extension' }, { type: 'turns', turns: [] }, 'last'])
          window.postMessage(message, '*');
      }),
  );
  await panel.drawn();
  expect(await panel.page.locator('.answer').innerText()).toBe('still here');
  expect(await panel.page.locator('.page-fault').innerText()).toBe('');
});

test('pieces of a turn that is gone change nothing', async () => {
  await show('still here');
  await panel.send(
    { type: 'delta', turnId: 'nobody', text: 'x' },
    { type: 'reading', turnId: 'nobody', done: 1, total: 2 },
  );
  expect(await panel.page.locator('.answer').allInnerTexts()).toEqual(['still here']);
});
