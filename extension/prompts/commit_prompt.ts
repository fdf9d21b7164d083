// How the model is asked for a commit message, and how its answer becomes one. Pure.

/** The question that the changes are attached to. */
export const commitQuestion = [
  'Write the commit message for the attached changes.',
  'The first line says in at most 70 characters what the commit does, in the imperative, without a full stop.',
  'If the reason is not plain from it, a blank line and a short paragraph follow. Name no file that the reader can see.',
  'Answer with the message alone.',
].join('\n');

/** The same with the subjects of earlier commits, whose style the message should have. */
export function commitQuestionInStyle(subjects: readonly string[]): string {
  if (subjects.length === 0) return commitQuestion;
  const list = subjects.map(subject => `- ${subject}`).join('\n');
  return `${commitQuestion}\n\nEarlier commits of this repository, for their style only:\n${list}`;
}

/** The message in an answer, whole or still growing: models put it into a fence or in quotes, or announce it. */
export function commitMessageIn(answer: string): string {
  const fenced = /^(?:[^\n`]*:[ \t]*\n+)?```[\w-]*[ \t]*\n([\s\S]*?)(?:\n?```|$)/.exec(answer.trimStart());
  const message = (fenced?.[1] ?? answer)
    .trim()
    .replace(/^(?:#+\s*)?(?:\*\*)?commit message:?(?:\*\*)?:?\s*/i, '')
    .replace(/\s*```$/, '');
  const quoted = /^(["'`])([^\n]*)\1$/.exec(message);
  return (quoted?.[2] ?? message).replace(/[ \t]+$/gm, '').trim();
}
