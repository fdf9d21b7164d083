// What is asked of the engine for one completion, and how much of other files goes with it. Pure.
import type { CompletionParams } from '../../protocol/completion.ts';
import type { CursorContext } from './cursor_context.ts';

/** Of another file. Small, because small models have short contexts: the file itself matters more. */
export const neighbourCharsMax = 1_000;

/** The part of another file that goes before the prompt: its first whole lines, with \n line ends. */
export function neighbourExcerpt(text: string): string {
  const plain = text.replace(/\r\n?/g, '\n');
  if (plain.length <= neighbourCharsMax) return plain;
  const kept = plain.slice(0, neighbourCharsMax);
  const end = kept.lastIndexOf('\n');
  return end < 0 ? kept : kept.slice(0, end + 1);
}

/** The request at a cursor; the workspace is named only where other files are told of it. */
export function completionRequest({
  context: { linesBefore, lineLeft, suffix },
  workspaceName,
  ...rest
}: Omit<CompletionParams, 'linesBefore' | 'lineLeft' | 'suffix' | 'repositoryName'> & {
  context: CursorContext;
  workspaceName: string | undefined;
}): CompletionParams {
  const repositoryName = rest.neighbours.length > 0 ? workspaceName : undefined;
  return { ...rest, linesBefore, lineLeft, suffix, repositoryName };
}
