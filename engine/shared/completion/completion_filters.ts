// What is done to a completion before it is shown: a table of named steps, each of which shortens the text or empties it.
// Pure. Suggestions that annoy are worse than none.
import { phrase, type Phrase } from '../../protocol/phrase.ts';
import type { CursorContext } from './cursor_context.ts';
import { indentation } from './completion_rules.ts';

export interface Candidate {
  text: string;
  context: CursorContext;
  multiline: boolean;
}
export interface Filter {
  name: string;
  /** For the user, when this step left nothing. */
  explanation: Phrase;
  /** The text to go on with; '' drops the suggestion. */
  apply(candidate: Candidate): string;
}

/** In order. */
export const filters: readonly Filter[] = [
  { name: 'model-silent', explanation: phrase`the model suggested nothing`, apply: ({ text }) => text },
  {
    name: 'line-ends',
    explanation: phrase`the model suggested only line ends`,
    apply: ({ text }) => text.replace(/\r\n?/g, '\n'),
  },
  {
    name: 'one-line',
    explanation: phrase`the suggestion began with a line end`,
    apply: ({ text, multiline }) => (multiline ? text : firstLine(text)),
  },
  { name: 'end-of-block', explanation: phrase`the suggestion left the block at once`, apply: cutAtBlockEnd },
  {
    name: 'repetition',
    explanation: phrase`the model repeated itself`,
    apply: ({ text }) => cutRepetition(text),
  },
  {
    name: 'repeats-next-line',
    explanation: phrase`the suggestion repeats what follows`,
    apply: cutAtFollowingLines,
  },
  {
    name: 'duplicate-closers',
    explanation: phrase`the closing characters are there already`,
    apply: cutDuplicateClosers,
  },
  {
    name: 'trailing-space',
    explanation: phrase`the suggestion is only white space`,
    apply: ({ text }) => text.trimEnd(),
  },
];

/** The text to show, or the step that left nothing of it. */
export function filterCompletion(candidate: Candidate): { text: string } | { droppedBy: Filter } {
  let text = candidate.text;
  for (const filter of filters) {
    text = filter.apply({ ...candidate, text });
    if (text === '') return { droppedBy: filter };
  }
  return { text };
}

function firstLine(text: string): string {
  const end = text.indexOf('\n');
  return end < 0 ? text : text.slice(0, end);
}

/** A block ends where a line is less indented than the one it began on, or after two blank lines. */
function cutAtBlockEnd({ text, context, multiline }: Candidate): string {
  if (!multiline) return text;
  const [first = '', ...rest] = text.split('\n');
  const base = indentation(context.lineLeft.trim() === '' ? context.lineLeft + first : context.lineLeft);
  const end = rest.findIndex((line, index) =>
    line.trim() === '' ? rest[index + 1]?.trim() === '' : indentation(line) < base,
  );
  return end < 0 ? text : [first, ...rest.slice(0, end)].join('\n').trimEnd();
}

/** Drops a text that ends in one short piece over and over (a rule of dashes is none); keeps the first of three equal lines. */
function cutRepetition(text: string): string {
  const end = text.trimEnd();
  for (let period = 2; period <= 20; period += 1) {
    let repeated = 0;
    while (repeated + period < end.length && end.at(-1 - repeated) === end.at(-1 - repeated - period))
      repeated += 1;
    if (repeated >= 7 * period && new Set(end.slice(-period)).size > 1) return '';
  }
  const lines = text.split('\n');
  const third = lines.findIndex(
    (line, index) =>
      index >= 2 && line.trim() !== '' && line === lines[index - 1] && line === lines[index - 2],
  );
  return third < 0 ? text : lines.slice(0, third - 1).join('\n');
}

/** Cuts where the suggestion arrives at the line that follows in the document anyway. */
function cutAtFollowingLines({ text, context }: Candidate): string {
  const next = context.suffix
    .slice(context.lineRight.length)
    .split('\n')
    .find(line => line.trim() !== '')
    ?.trim();
  if (next === undefined) return text;
  const lines = text.split('\n');
  const at = lines.findIndex((line, index) => {
    const whole = (index === 0 ? context.lineLeft + line : line).trim();
    // One or two closers may well come twice; `duplicate-closers` looks at those.
    return whole === next && /[\p{L}\p{N}]/u.test(whole);
  });
  return at < 0 ? text : lines.slice(0, at).join('\n');
}

const openerOf: Record<string, string> = { ')': '(', ']': '[', '}': '{' };

/** Cuts closers at the end of the text that have no opener in it and stand right after it in the document, spaces aside. */
function cutDuplicateClosers({ text, context }: Candidate): string {
  const body = text.trimEnd();
  const surplus = surplusClosers(body);
  const following = withoutSpace(context.suffix.slice(0, 1000));
  const tailStart = body.length - (/[)\]}>'"`;,\s]*$/.exec(body)?.[0].length ?? 0);
  for (let start = tailStart; start < body.length; start += 1) {
    const cut = withoutSpace(body.slice(start));
    if (!following.startsWith(cut)) continue;
    const closers = [...cut].filter(char => char in openerOf).length;
    // Only what closes something outside of the text is a repetition.
    if (closers <= surplus && (closers > 0 || context.lineRight.trim() !== ''))
      return body.slice(0, start).trimEnd();
  }
  return text;
}

const withoutSpace = (text: string): string => text.replace(/\s+/g, '');

/** How many closers of the text have no opener in it. */
function surplusClosers(text: string): number {
  const open: string[] = [];
  let surplus = 0;
  for (const char of text)
    if (char === '(' || char === '[' || char === '{') open.push(char);
    else if (char in openerOf) {
      if (open.at(-1) === openerOf[char]) open.pop();
      else surplus += 1;
    }
  return surplus;
}
