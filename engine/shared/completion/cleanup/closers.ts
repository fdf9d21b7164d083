// Brackets and tags that a suggestion closes: not what the document closes itself, and nothing that was never opened. A closer is
// the document's own when it stands as far indented as the line that has its opener; else it closes something further out. Pure.
import { indentation } from '../completion_rules.ts';
import type { CursorContext } from '../cursor_context.ts';
import { bracketsOf, openerOf, pairUp } from './brackets.ts';
import type { Candidate } from './candidate.ts';
import { endsInComment } from './syntax.ts';

/** The document is looked at no further than this for what follows. */
const followingCharsMax = 1_000;

/** Cuts closers at the end of the text that have no opener in it and stand right after it in the document, spaces aside. */
export function cutDuplicateClosers({ text, context, syntax }: Candidate): string {
  const body = text.trimEnd();
  const before = context.linesBefore + context.lineLeft;
  const { surplus } = pairUp(bracketsOf(body, syntax), pairUp(bracketsOf(before, syntax)).open);
  const following = withoutSpace(context.suffix.slice(0, followingCharsMax));
  const tailStart = body.length - (/[)\]}>'"`;,.:{\s]*$/.exec(body)?.[0].length ?? 0);
  for (let start = tailStart; start < body.length; start += 1) {
    const cut = withoutSpace(body.slice(start));
    if (/\s/.test(body.charAt(start)) || !following.startsWith(cut)) continue;
    const closers = [...cut].filter(char => char in openerOf).length;
    // Only what closes something outside of the text is a repetition.
    if (closers > surplus.length || (closers === 0 && context.lineRight.trim() === '')) continue;
    const opener = surplus.at(surplus.length - closers)?.opener;
    if (closers > 0 && opener && !closesBelow(context, lineAt(before, opener.at))) continue;
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
  if (openElements(body, name).length > 0 || surplusTags(body, name) === 0) return text;
  const before = context.linesBefore + context.lineLeft;
  const opener = openElements(before, name).at(-1);
  if (opener !== undefined && !closesBelow(context, lineAt(before, opener))) return text;
  return endBefore(body, body.length - tag.length, context);
}

/** Cuts at a closer that nothing was opened for, in the text or before it; in languages where brackets pair up. */
export function cutUnbalancedCloser({ text, context, syntax }: Candidate): string {
  const { linesBefore, lineLeft } = context;
  if (!syntax.bracketsPair || endsInComment(lineLeft, syntax) || endsInString(lineLeft)) return text;
  const { open } = pairUp(bracketsOf(linesBefore + lineLeft, syntax));
  // A block may have begun before what was read of the file.
  const wrong = pairUp(bracketsOf(text, syntax), open).surplus.find(({ closer, opener }) =>
    opener ? opener.char !== openerOf[closer.char] : closer.char !== '}',
  );
  return wrong ? text.slice(0, wrong.closer.at).trimEnd() : text;
}

/** Whether the next closer of the document closes what was opened in a line: on the cursor's line always, below it by indentation. */
function closesBelow({ lineRight, suffix }: CursorContext, openingLine: string): boolean {
  if (lineRight.trim() !== '') return true;
  const next = suffix.split('\n').find(line => line.trim() !== '') ?? '';
  return indentation(next) === indentation(openingLine);
}

/** The text up to `end`; the line of its own that a cut closer had stays where the document's one stands right of the cursor. */
function endBefore(text: string, end: number, { lineRight }: CursorContext): string {
  const kept = text.slice(0, end);
  return lineRight.trim() !== '' && /\n[ \t]*$/.test(kept) ? kept : kept.trimEnd();
}

/** Where the elements of a name begin that are not closed in the text. */
function openElements(text: string, name: string): number[] {
  const open: number[] = [];
  for (const { index, closing } of tagsOf(text, name))
    if (closing) open.pop();
    else open.push(index);
  return open;
}

/** How many closing tags of a name have no opening one in the text. */
function surplusTags(text: string, name: string): number {
  let open = 0;
  let surplus = 0;
  for (const { closing } of tagsOf(text, name))
    if (!closing) open += 1;
    else if (open > 0) open -= 1;
    else surplus += 1;
  return surplus;
}

function tagsOf(text: string, name: string): { index: number; closing: boolean }[] {
  return [...text.matchAll(/<(\/?)([A-Za-z][\w.:-]*)(?:\s(?:[^<>]|=>)*?)?(\/?)>/g)]
    .filter(([, , found, empty]) => found === name && empty === '')
    .map(({ index, 1: slash }) => ({ index, closing: slash === '/' }));
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
