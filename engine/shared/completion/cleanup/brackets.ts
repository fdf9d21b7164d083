// The brackets of a piece of code, those in comments and strings aside, and which of them lack their other half. Judged by the
// characters alone, so it may err in a string of several lines. Pure.
import { commentBeginning, escaped, type Syntax } from './syntax.ts';

export interface Bracket {
  char: string;
  /** Where it stands in the text. */
  at: number;
}

/** The opening bracket of each closing one. */
export const openerOf: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/** All brackets of the text, in order. */
export function bracketsOf(text: string, syntax: Syntax): Bracket[] {
  const code = text.replace(notCode(syntax), found => ' '.repeat(found.length));
  return [...code.matchAll(/[()[\]{}]/g)].map(({ 0: char, index }) => ({ char, at: index }));
}

/**
 * What lacks its other half when the text follows on `open`, the brackets open before it: closers of the text that close nothing
 * of the text itself, each with the bracket before the text that it meets (undefined: none), and what is open in the end.
 */
export function pairUp(
  brackets: readonly Bracket[],
  open: readonly Bracket[] = [],
): { surplus: { closer: Bracket; opener: Bracket | undefined }[]; open: Bracket[] } {
  const outer = [...open];
  const inner: Bracket[] = [];
  const surplus: { closer: Bracket; opener: Bracket | undefined }[] = [];
  for (const bracket of brackets) {
    const opener = openerOf[bracket.char];
    if (opener === undefined) inner.push(bracket);
    else if (inner.at(-1)?.char === opener) inner.pop();
    else {
      const met = outer.at(-1);
      surplus.push({ closer: bracket, opener: met });
      if (met?.char === opener) outer.pop();
    }
  }
  return { surplus, open: [...outer, ...inner] };
}

const literal = {
  quoted: String.raw`"(?:\\.|[^"\\\n])*"|\`(?:\\.|[^\`\\\n])*\`|'(?:\\.|[^'\\\n])*'`,
  charQuoted: String.raw`"(?:\\.|[^"\\\n])*"|\`[^\`\n]*\`|'(?:\\[^'\n]+|[^'\\\n])'`,
  // Only where a value may begin: elsewhere it divides.
  regularExpression: String.raw`(?<=(?:^|[(,=:[!&|?{;])[ \t]*)\/(?![/*])(?:\\.|[^/\\\n])+\/`,
  escaped: String.raw`\\.`,
};

/** Matches comments, strings and regular expressions that end on their line, and what is escaped. */
function notCode({ lineComments, blockComments, charQuotes }: Syntax): RegExp {
  const parts = [
    ...blockComments.map(([begin, end]) => `${escaped(begin)}[^]*?(?:${escaped(end)}|(?![^]))`),
    ...lineComments.map(mark => String.raw`${commentBeginning(mark)}[^\n]*`),
    charQuotes ? literal.charQuoted : literal.quoted,
    ...(lineComments.includes('//') && !charQuotes ? [literal.regularExpression] : []),
    literal.escaped,
  ];
  return new RegExp(parts.join('|'), 'gm');
}
