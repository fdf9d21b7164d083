// What a model says about its answer instead of in it: its own control tokens, its thought, fences around the code. Pure.
import { isBlank } from '../../outline/indent.ts';
import { textAround } from '../cursor_context.ts';
import type { Candidate } from './candidate.ts';

const specialToken =
  /<\|(?:endoftext|im_(?:start|end)|fim_\w+|file_sep|repo_name|(?:object_ref|box|quad|vision)_(?:start|end)|(?:vision|image|video)_pad)\|>|^[ \t]*<\/?(?:think|tool_call|tool_response)>/m;

/** Takes a finished thought out, and cuts at a control token that was written out as text; not in a file about such tokens. */
export function cutAtSpecialToken({ text, context }: Candidate): string {
  if (!specialToken.test(text) || specialToken.test(textAround(context))) return text;
  const said = text.replace(/^\s*<think>[^]*?<\/think>\s*/, '');
  const at = said.search(specialToken);
  return at < 0 ? said : said.slice(0, at);
}

const fenceLine = /^[ \t]*(?:`{3,}|~{3,})[\w+#.-]*[ \t]*$/;

/** Takes a fence off the beginning and cuts at the one that ends the code; not in a language or a file that has fences itself. */
export function removeCodeFences({ text, context, syntax }: Candidate): string {
  if (
    syntax.fences ||
    textAround(context)
      .split('\n')
      .some(line => fenceLine.test(line))
  )
    return text;
  const lines = text.split('\n');
  const first = lines.findIndex(line => !isBlank(line));
  const opens = isBlank(context.lineLeft) && first >= 0 && fenceLine.test(lines[first] ?? '');
  const said = opens ? lines.slice(first + 1) : lines;
  const end = said.findIndex((line, index) => (index > 0 || opens) && fenceLine.test(line));
  return (end < 0 ? said : said.slice(0, end)).join('\n');
}
