// What is a formula and what is not, and what is shown of one that cannot be drawn.
import { describe, expect, test } from 'vitest';
import { formulaMarkup } from '../../../webview/view/formula.ts';
import { readBlocks } from '../../support/read_blocks.ts';

const markup = (text: string): string =>
  readBlocks(text)
    .map(block => (block.kind === 'markup' ? block.html : `[${block.code}]`))
    .join('\n');
const formulas = (text: string): number => markup(text).match(/<math\b/g)?.length ?? 0;

describe('a formula', () => {
  test.each([
    ['$x$', 1],
    ['$x^2$.', 1],
    ['is $x$, $y$ and ($z$)', 3],
    ['**$x$**', 1],
    ['$5 + x$', 1],
    ['$\\$5$', 1],
    ['$$x$$', 1],
    ['in a line $$x^2$$ as well', 1],
    ['$$\nx\n$$', 1],
    ['text:\n$$\nx\n+ y\n$$\nmore', 1],
    ['$$ x = 1 $$', 1],
    ['\\(x\\)', 1],
    ['so \\(x\\) and \\(y\\)', 2],
    ['\\[x^2\\]', 1],
    ['\\[\nx\n\\]', 1],
    ['- item\n\n  $$\n  x\n  $$', 1],
    ['> $$\n> x\n> $$', 1],
    ['| $a$ | $b$ |\n|---|---|', 2],
  ])('is found in %j', (text, count) => {
    expect(formulas(text)).toBe(count);
    expect(markup(text)).not.toMatch(/\$[^<]*\$|\\[([]/);
  });

  test.each([
    'costs $5 and $6',
    '$5',
    'between $5 and $10.',
    'from $5-$10',
    'US$5 or A$6',
    '$5 for one, 10$ for two',
    '$5 million, not 6$',
    'echo $HOME/$USER',
    '$HOME',
    '$A $B',
    '${HOME}/bin:${PATH}',
    '$(date) and $(whoami)',
    "$('a'), $('b')",
    '\\$x\\$',
    '`$x$`',
    '```\n$x$\n```',
    '$ x $',
    '$$',
    '$$$$',
    '$a `code` b$',
    '\\[optional\\]',
    '\\(see the notes\\)',
    '\\\\(x\\\\)',
    '\\[one two\\]: note',
    '$x',
    '\\(x',
  ])('is not seen in %j', text => {
    expect(formulas(text)).toBe(0);
  });

  test('that has no end shows what was written, and takes nothing behind the next empty line', () => {
    expect(markup('$$\nx < y\n\n**after**')).toBe(
      '<div class="formula" tabindex="0" role="group" aria-label="Formula"><span class="formula-source">$$\nx &lt; y</span></div>\n<p><strong>after</strong></p>',
    );
  });

  test('keeps what stands behind it', () => {
    expect(markup('$$\nx\n$$, where')).toMatch(/<\/math>, where<\/div>$/);
  });

  test.each([
    '$\\notacommand{x}$',
    '$\\frac{1}$',
    '$x_{$',
    '$\\href{https://example.com}{x}$',
    '$\\includegraphics{https://example.com/x.png}$',
    '$\\htmlClass{a}{b}$',
    '$\\def\\a{\\a\\a}\\a$',
    '$\\def\\a{xxxxxxxxxx}\\def\\b{\\a\\a\\a\\a\\a\\a\\a\\a\\a\\a}\\def\\c{\\b\\b\\b\\b\\b\\b\\b\\b\\b\\b}\\c\\c\\c\\c\\c\\c\\c\\c$',
    `$${'{'.repeat(1200)}x$`,
    `$${'x'.repeat(4000)}$`,
  ])('that cannot be drawn is shown as it was written: %.60s', text => {
    const unescaped = markup(text)
      .replace(/<[^>]*>/g, '')
      .replaceAll('&lt;', '<')
      .replaceAll('&amp;', '&');
    expect(formulas(text)).toBe(0);
    expect(unescaped).toContain(text.slice(1, 40));
  });

  test('holds nothing but itself: no source beside it, no address, no style', () => {
    const made = formulaMarkup('\\frac{a<b}{\\sqrt{x}} \\text{"\\&} \\color{red} y', true);
    expect(made).toMatch(/^<math xmlns="[^"]*" display="block"><mrow>/);
    expect(made).not.toMatch(/annotation|semantics|href|style=/);
    expect(formulaMarkup('  ', true)).toBeUndefined();
  });

  test('defines nothing for the next one', () => {
    expect(formulaMarkup('\\gdef\\mine{x}\\mine', false)).toBeDefined();
    expect(formulaMarkup('\\mine', false)).toBeUndefined();
  });
});
