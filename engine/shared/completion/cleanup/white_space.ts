// White space: line ends, what a line begins with, and what a suggestion ends with. Pure.
import { indentOf, isBlank } from '../../outline/indent.ts';
import { indentation, opensBlock } from '../completion_rules.ts';
import { textAround, writtenLineAbove, type CursorContext } from '../cursor_context.ts';
import { bracketsOf, pairUp } from './brackets.ts';
import type { Candidate } from './candidate.ts';
import type { Syntax } from './syntax.ts';

/** Line ends of all kinds become \n; the editor writes those of the file. Drops a text of nothing else. */
export function plainLineEnds({ text }: Candidate): string {
  return /^[\r\n]*$/.test(text) ? '' : text.replace(/\r\n?/g, '\n');
}

/**
 * Takes white space off the beginning where there is some already: all of it after a word, and on an empty line what is deeper
 * than the line above, unless that one asks for it.
 */
export function trimLeadingSpace({ text, context, syntax }: Candidate): string {
  const { lineLeft } = context;
  const lead = indentOf(text);
  if (lead === '' || !/[ \t]$/.test(lineLeft)) return text;
  const rest = text.slice(lead.length);
  if (!isBlank(lineLeft)) return rest;
  const above = writtenLineAbove(context);
  if (asksForDeeper(above, rest, syntax)) return text;
  const most = Math.max(indentation(lineLeft), indentation(above));
  let kept = lead;
  while (indentation(lineLeft + kept) > most && kept !== '') kept = kept.slice(0, -1);
  return kept + rest;
}

/** Whether a line may be followed by a deeper one that begins with `next`. */
function asksForDeeper(above: string, next: string, syntax: Syntax): boolean {
  return (
    opensBlock(above) ||
    pairUp(bracketsOf(above, syntax)).open.length > 0 ||
    // An operator or a comma at the end, a condition without a block, a text of YAML, an item of a list, an element without its
    // end, a chain of calls.
    /(?:[-+*/%=&|,?\\<.]|\b(?:and|or|not|return|in))\s*$/.test(above) ||
    /^\s*(?:\} )?(?:if|else if|for|while)\b.*\)\s*$/.test(above) ||
    /:\s*[|>][+-]?\s*$/.test(above) ||
    /^\s*(?:[-*+]|\d+[.)])\s/.test(above) ||
    /<[A-Za-z][^<>]*(?<!\/)>\s*$/.test(above) ||
    /^(?:\.|\?\.|->|&&|\|\||[?:|]\s)/.test(next)
  );
}

const recipeRule = /^[^\s#:=][^#:=]*::?(?![:=])/;
const recipeOther =
  /^(?:#|[\w.$(){}-]+\s*(?::{1,3}|[?+!])?=|(?:-?include|sinclude|ifn?eq|ifn?def|else|endif|define|endef|export|unexport|override|vpath|undefine)\b)/;

/** Begins the commands of a makefile's rule with one tab, whatever the model began them with. */
export function tabBeforeRecipes({ text, context, syntax }: Candidate): string {
  if (!syntax.recipes) return text;
  let above = writtenLineAbove(context);
  const lines = text.split('\n').map((line, index) => {
    const typed = index === 0 ? context.lineLeft : '';
    const isRecipe = typed === '' && (recipeRule.test(above) || above.startsWith('\t'));
    const keeps =
      !isRecipe || above.endsWith('\\') || line.startsWith('\t') || (!/^\s/.test(line) && isNoRecipe(line));
    const mended = keeps || isBlank(line) ? line : `\t${line.trimStart()}`;
    if (!isBlank(typed + mended)) above = typed + mended;
    return mended;
  });
  return lines.join('\n');
}

function isNoRecipe(line: string): boolean {
  return recipeRule.test(line) || recipeOther.test(line);
}

/** A file of both kinds keeps what the model wrote. */
const mostlyShare = 0.8;

/** Indents with tabs or with spaces as the file does; what aligns behind tabs stays. */
export function indentAsTheFile({ text, context, syntax }: Candidate): string {
  if (syntax.recipes) return text;
  const lines = text.split('\n');
  const from = isBlank(context.lineLeft) ? 0 : 1;
  const tabs = syntax.tabs || indentsWithTabs(context);
  if (tabs === undefined || !lines.slice(from).some(line => (tabs ? /^ {2}/ : /^ *\t/).test(line)))
    return text;
  const tab = ' '.repeat(tabs ? spacesPerTab(lines, context) : spacesOfTheFile(context));
  const mend = (line: string): string => {
    const lead = indentOf(line);
    if (tabs && lead.startsWith('\t')) return line;
    return (tabs ? lead.replaceAll(tab, '\t') : lead.replaceAll('\t', tab)) + line.slice(lead.length);
  };
  return lines.map((line, index) => (index < from ? line : mend(line))).join('\n');
}

/** By nearly all of the lines around; undefined where there are none, or of both kinds. */
function indentsWithTabs(context: CursorContext): boolean | undefined {
  const lines = indentedLines(context);
  const tabs = lines.filter(line => /^\t+(?!\t| {2})/.test(line)).length;
  const spaces = lines.filter(line => line.startsWith(' ')).length;
  const least = Math.max(1, mostlyShare * lines.length);
  return tabs >= least ? true : spaces >= least ? false : undefined;
}

/** Lines around the cursor, its own too, that begin with a tab, or with spaces that are no tail of a comment's star. */
function indentedLines(context: CursorContext): string[] {
  const lines = textAround(context).split('\n');
  return lines.filter(line => /^(?:\t| {2,}(?![ *]))/.test(line));
}

/** The smallest indentation of the file (columns); 4 where there is none in spaces. */
function spacesOfTheFile(context: CursorContext): number {
  const widths = indentedLines(context)
    .map(line => /^ */.exec(line)?.[0].length ?? 0)
    .filter(width => width >= 2);
  return widths.length > 0 ? Math.min(...widths) : 4;
}

/** How many of the text's spaces make a level: the most with which the lines stay in the block, and go deeper where it opens. */
function spacesPerTab([first = '', ...rest]: readonly string[], { lineLeft }: CursorContext): number {
  const base = /^\t*/.exec(lineLeft)?.[0].length ?? 0;
  const lines = rest.filter(line => !isBlank(line));
  const least = opensBlock(lineLeft + first) ? base + 1 : base;
  const fits = (spaces: number): boolean =>
    lines.every((line, index) => {
      if (line.startsWith('\t')) return true;
      const width = /^ */.exec(line)?.[0].length ?? 0;
      return width % spaces === 0 && width / spaces >= (index === 0 ? least : base);
    });
  return [8, 4, 2, 3].find(fits) ?? 4;
}

/** Takes white space off the end, but for what parts the text from a word or a line of its own right of the cursor. */
export function trimTrailingSpace({ text, context: { lineRight } }: Candidate): string {
  const body = text.trimEnd();
  if (body === '' || isBlank(lineRight)) return body;
  const parts = /^[\p{L}\p{N}_$]/u.test(lineRight) ? /(?:\n[ \t]*|[ \t]+)$/ : /\n[ \t]*$/;
  return body + (parts.exec(text)?.[0] ?? '');
}
