// Suggestions that are a comment and nothing else. Pure.
import { isBlank } from '../../outline/indent.ts';
import { lineAbove } from '../cursor_context.ts';
import type { Candidate } from './candidate.ts';
import { saysSomething } from './following_text.ts';
import { endsInComment, type Syntax } from './syntax.ts';

/** Drops a text of comments alone, unless one is being written: the cursor stands in it, or below it. */
export function dropCommentOnly({ text, context, syntax, explicit }: Candidate): string {
  if (isBlank(text) || endsInComment(context.lineLeft, syntax)) return text;
  const rest = withoutLeadingComments(text, syntax);
  if (rest !== '') return text;
  const continues = isBlank(context.lineLeft) && isCommentLine(lineAbove(context), syntax);
  return (explicit || continues) && saysSomething(text) ? text : '';
}

/** What is left after the comments that the text begins with. */
function withoutLeadingComments(text: string, { lineComments, blockComments }: Syntax): string {
  let rest = text.trim();
  for (;;) {
    const line = lineComments.find(mark => rest.startsWith(mark));
    const block = blockComments.find(([begin]) => rest.startsWith(begin));
    if (block) {
      const end = rest.indexOf(block[1], block[0].length);
      rest = end < 0 ? '' : rest.slice(end + block[1].length).trimStart();
    } else if (line !== undefined) {
      const end = rest.indexOf('\n');
      rest = end < 0 ? '' : rest.slice(end).trimStart();
    } else return rest;
  }
}

function isCommentLine(line: string, syntax: Syntax): boolean {
  return !isBlank(line) && (withoutLeadingComments(line, syntax) === '' || /^\s*(?:\*|-->)/.test(line));
}
