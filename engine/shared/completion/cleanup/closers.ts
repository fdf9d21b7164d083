// Brackets and tags that a suggestion closes: not what the document closes itself, and nothing that was never opened. A closer is
// the document's own when it stands as far indented as the line that has its opener; else it closes something further out. Pure.
import { isBlank } from '../../outline/indent.ts';
import { indentation } from '../completion_rules.ts';
import { completionSuffixCharsMax, nextLine, type CursorContext } from '../cursor_context.ts';
import { bracketsOf, openerOf, pairUp } from './brackets.ts';
import type { Candidate } from './candidate.ts';
import { endsInComment } from './syntax.ts';

/** The document is looked at no further than this for what follows. */
const followingCharsMax = 1_000;

/** Cuts closers at the end of the text that have no opener in it and stand right after it in the document, spaces aside. */
export function cutDuplicateClosers({ text, context, syntax }: Candidate): string {
  const body = text.trimEnd();
  const before = context.linesBefore + context.lineLeft;
  const { open } = pairUp(bracketsOf(before, syntax));
  const { surplus } = pairUp(bracketsOf(body, syntax), open);
  const following = withoutSpace(context.suffix.slice(0, followingCharsMax));
  const tailStart = body.length - (/[)\]}>'"`;,.:{\s]*$/.exec(body)?.[0].length ?? 0);
  for (let start = tailStart; start < body.length; start += 1) {
    const cut = withoutSpace(body.slice(start));
    if (/\s/.test(body.charAt(start)) || !following.startsWith(cut)) continue;
    const closers = [...cut].filter(char => char in openerOf).length;
    if (closers === 0 && isBlank(context.lineRight)) continue;
    // Only what closes something outside of the text is a repetition.
    const outside = surplus.filter(({ closer }) => closer.at >= start);
    if (outside.length !== closers) continue;
    const opener = outside[0]?.opener;
    if (opener) {
      const around = open[open.indexOf(opener) - 1];
      const isClosed = closesBelow(
        context,
        lineAt(before, opener.at),
        around && lineAt(before, around.at),
        () => pairUp(bracketsOf(context.suffix, syntax)).surplus.length >= open.length,
      );
      if (!isClosed) continue;
    }
    return endBefore(body, start, context);
  }
  return text;
}

/** The same for the closing tag of an element that was opened before the text. */
export function cutDuplicateClosingTag({ text, context }: Candidate): string {
  const body = text.trimEnd();
  const [tag, name] = /<\/([A-Za-z][\w.:-]*)>$/.exec(body) ?? [];
  if (tag === undefined || name === undefined) return text;
  if (!context.suffix.slice(0, followingCharsMax).trimStart().startsWith(tag)) return text;
  const before = context.linesBefore + context.lineLeft;
  const open = openElements(before + body.slice(0, -tag.length), name);
  const opener = open.at(-1);
  const around = open.at(-2);
  if (opener) {
    if (opener.end > before.length) return text;
    const isClosed = closesBelow(
      context,
      lineAt(before, opener.at),
      around && lineAt(before, around.at),
      () => tagsOf(context.suffix, name).filter(({ closing }) => closing).length >= open.length,
    );
    if (!isClosed) return text;
  }
  return endBefore(body, body.length - tag.length, context);
}

/**
 * Cuts at a closer that nothing was opened for, in the text, on the cursor's line or before it; in languages where brackets pair
 * up. What is open before the line is counted by characters, so the line itself must agree.
 */
export function cutUnbalancedCloser({ text, context, syntax }: Candidate): string {
  const { linesBefore, lineLeft } = context;
  const [first = ''] = text.split('\n');
  if (!syntax.bracketsPair || endsInComment(lineLeft, syntax) || endsInString(lineLeft)) return text;
  if (/^\s*\*(\s|$)/.test(lineLeft + first)) return text;
  const brackets = bracketsOf(text, syntax);
  const onLine = pairUp(brackets, pairUp(bracketsOf(lineLeft, syntax)).open).surplus;
  const { open } = pairUp(bracketsOf(linesBefore + lineLeft, syntax));
  // A block may have begun before what was read of the file.
  const wrong = pairUp(brackets, open).surplus.find(
    ({ closer, opener }, index) =>
      (opener ? opener.char !== openerOf[closer.char] : closer.char !== '}') &&
      onLine[index]?.opener?.char !== openerOf[closer.char] &&
      !isRunningText(text.slice(closer.at) + context.suffix),
  );
  return wrong ? text.slice(0, wrong.closer.at).trimEnd() : text;
}

/** Whether an element's closing tag comes before any code does: in the running text of JSX, a bracket is only a character. */
function isRunningText(rest: string): boolean {
  return /^[^{}<>]*<\/[A-Za-z>]/.test(rest);
}

/**
 * Whether the next closer of the document closes what was opened in a line: always right of the cursor, and below it by
 * indentation; where what stands around is opened on a line as far indented, only if the document closes that, too.
 */
function closesBelow(
  context: CursorContext,
  openingLine: string,
  lineAround: string | undefined,
  closesAll: () => boolean,
): boolean {
  if (!isBlank(context.lineRight)) return true;
  if (indentation(nextLine(context)) !== indentation(openingLine)) return false;
  // Only whole lines below are read: with room for as much again, it is the document's end that stopped them, not the bound.
  const isEndKnown = context.suffix.length < completionSuffixCharsMax / 2;
  const isAlike = lineAround !== undefined && indentation(lineAround) === indentation(openingLine);
  return !isAlike || !isEndKnown || closesAll();
}

/** The text up to `end`; the line of its own that a cut closer had stays where the document's one stands right of the cursor. */
function endBefore(text: string, end: number, { lineRight }: CursorContext): string {
  const kept = text.slice(0, end);
  return !isBlank(lineRight) && /\n[ \t]*$/.test(kept) ? kept : kept.trimEnd();
}

interface Tag {
  at: number;
  end: number;
  closing: boolean;
}

/** The opening tags of a name that are not closed in the text. */
function openElements(text: string, name: string): Tag[] {
  const open: Tag[] = [];
  for (const tag of tagsOf(text, name))
    if (tag.closing) open.pop();
    else open.push(tag);
  return open;
}

function tagsOf(text: string, name: string): Tag[] {
  return [...text.matchAll(/<(\/?)([A-Za-z][\w.:-]*)(?:\s(?:[^<>=]|=>|=(?!>))*?)?(\/?)>/g)]
    .filter(([, , found, empty]) => found === name && empty === '')
    .map(({ 0: tag, 1: slash, index }) => ({ at: index, end: index + tag.length, closing: slash === '/' }));
}

/** The whole line around a place in the text. */
function lineAt(text: string, at: number): string {
  const end = text.indexOf('\n', at);
  return text.slice(text.lastIndexOf('\n', at - 1) + 1, end < 0 ? undefined : end);
}

/** A quote is open at the end of the line. */
function endsInString(line: string): boolean {
  const rest = line.replace(/\\./g, '').replace(/"[^"]*"|`[^`]*`|'[^']*'/g, '');
  return /["'`]/.test(rest);
}

const withoutSpace = (text: string): string => text.replace(/\s+/g, '');
