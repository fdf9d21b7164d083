// What stands around an answer in its conversation, in which names may stand that are no claims about the workspace. Pure.
import type { AroundAnswer } from '../symbols/symbol_finder.ts';
import { branchTo } from './branches.ts';
import { textOf, type Conversation } from './conversation.ts';
import { questionForModel } from './question_text.ts';

/** What was asked up to an answer, and the code of the answers up to it. */
export function aroundAnswer(conversation: Conversation, answerId: string): AroundAnswer {
  const branch = branchTo(conversation, answerId);
  return {
    useWorkspace: branch.findLast(message => message.role === 'user')?.useWorkspace ?? false,
    texts: branch.flatMap(message => {
      if (message.role === 'user') return [questionForModel(message.parts), message.instructions ?? ''];
      return message.role === 'summary' ? [message.text] : codeOf(textOf(message));
    }),
  };
}

/** What stands in fences; one that is not closed goes to the end. */
function codeOf(markdown: string): string[] {
  const fenced = /^[ \t>]*(`{3,}|~{3,})[^\n]*\n([^]*?)(?:^[ \t>]*\1|(?![^]))/gm;
  return [...markdown.matchAll(fenced)].map(match => match[2] as string);
}
