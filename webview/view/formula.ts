// A TeX formula as MathML, which the browser draws by itself: no fonts, no styles, read by screen readers. Pure.
import katex from 'katex';

/** Macros that a formula defines may not unfold to more than this. */
const expansionsMax = 300;
/** Largest size that a formula may ask for, in em. */
const sizeEmMax = 20;
/** Longer ones are shown as they were written. */
const sourceCharsMax = 3_000;

/** Markup of a formula, still to be checked; undefined for one that cannot be drawn. */
export function formulaMarkup(source: string, display: boolean): string | undefined {
  if (source.length > sourceCharsMax || source.trim() === '') return undefined;
  let refused = false;
  try {
    const markup = katex.renderToString(source, {
      displayMode: display,
      output: 'mathml',
      strict: 'ignore',
      throwOnError: true,
      maxExpand: expansionsMax,
      maxSize: sizeEmMax,
      // Asked about links, pictures and classes; none of them is drawn.
      trust: () => {
        refused = true;
        return false;
      },
    });
    return refused ? undefined : withoutSource(markup);
  } catch {
    // Not TeX, or more than the limits: whatever the fault, what was written is shown instead.
    return undefined;
  }
}

/** The library adds the source as an annotation, which would be read and found a second time. */
function withoutSource(markup: string): string {
  return markup
    .replace(/^<span class="katex">(.*)<\/span>$/s, '$1')
    .replace(/<annotation encoding="application\/x-tex">[^<]*<\/annotation>/, '')
    .replace(/<\/?semantics>/g, '');
}
