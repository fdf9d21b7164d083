// What is done to a model's text before it is shown: named steps in order, each of which shortens or mends the text or leaves
// nothing of it. Suggestions that annoy are worse than none. Pure; cases in test/golden/completion_cleanup.
import { phrase, type Phrase } from '../../../protocol/phrase.ts';
import type { Candidate } from './candidate.ts';
import { cutDuplicateClosers, cutDuplicateClosingTag, cutUnbalancedCloser } from './closers.ts';
import { dropCommentOnly } from './comments.ts';
import { cutAtBlockEnd, keepOneLine } from './extent.ts';
import { cutAtFollowingLine, cutRestOfLine } from './following_text.ts';
import { cutAtSpecialToken, removeCodeFences } from './model_marks.ts';
import { cutRepetition, dropLineAbove } from './repetition.ts';
import {
  indentAsTheFile,
  plainLineEnds,
  tabBeforeRecipes,
  trimLeadingSpace,
  trimTrailingSpace,
} from './white_space.ts';

export interface CleanupRule {
  name: string;
  /** For the user: why it left nothing of the text. */
  explanation: Phrase;
  /** For the user: why it changed the text, where the explanation does not say so. */
  change?: Phrase;
  /** The text to go on with; '' drops the suggestion. */
  apply(candidate: Candidate): string;
}
/** What a rule did to a text that is shown all the same, or dropped by a later one. */
export interface Change {
  rule: string;
  explanation: Phrase;
}
export type Cleaned = { changes: Change[] } & ({ text: string } | { droppedBy: CleanupRule });

/** In order. */
export const cleanupRules: readonly CleanupRule[] = [
  { name: 'model-silent', explanation: phrase`the model suggested nothing`, apply: ({ text }) => text },
  {
    name: 'line-ends',
    explanation: phrase`the model suggested only line ends`,
    change: phrase`line ends are written as the file has them`,
    apply: plainLineEnds,
  },
  {
    name: 'special-tokens',
    explanation: phrase`the model wrote a control token`,
    apply: cutAtSpecialToken,
  },
  { name: 'code-fence', explanation: phrase`the model put a fence around code`, apply: removeCodeFences },
  {
    name: 'one-line',
    explanation: phrase`the suggestion began with a line end`,
    change: phrase`one line is suggested here`,
    apply: keepOneLine,
  },
  {
    name: 'leading-space',
    explanation: phrase`the suggestion is only white space`,
    change: phrase`there is white space before the cursor already`,
    apply: trimLeadingSpace,
  },
  {
    name: 'recipe-tab',
    explanation: phrase`commands of a makefile begin with a tab`,
    apply: tabBeforeRecipes,
  },
  {
    name: 'file-indentation',
    explanation: phrase`lines are indented as in the file`,
    apply: indentAsTheFile,
  },
  {
    name: 'end-of-block',
    explanation: phrase`the suggestion left the block at once`,
    change: phrase`the suggestion went on after the block`,
    apply: cutAtBlockEnd,
  },
  { name: 'repetition', explanation: phrase`the model repeated itself`, apply: cutRepetition },
  {
    name: 'repeats-line-above',
    explanation: phrase`the suggestion repeats the line above`,
    apply: dropLineAbove,
  },
  {
    name: 'repeats-next-line',
    explanation: phrase`the suggestion repeats what follows`,
    apply: cutAtFollowingLine,
  },
  {
    name: 'rest-of-line',
    explanation: phrase`the rest of the line is there already`,
    apply: cutRestOfLine,
  },
  {
    name: 'duplicate-closing-tag',
    explanation: phrase`the closing tag is there already`,
    apply: cutDuplicateClosingTag,
  },
  {
    name: 'duplicate-closers',
    explanation: phrase`the closing characters are there already`,
    apply: cutDuplicateClosers,
  },
  {
    name: 'unbalanced-closer',
    explanation: phrase`the suggestion closes what is not open`,
    apply: cutUnbalancedCloser,
  },
  {
    name: 'comment-only',
    explanation: phrase`the suggestion is only a comment`,
    apply: dropCommentOnly,
  },
  {
    name: 'trailing-space',
    explanation: phrase`the suggestion is only white space`,
    change: phrase`white space at the end is left out`,
    apply: trimTrailingSpace,
  },
];

/** The text to show or the rule that left nothing of it, and what was changed before. */
export function cleanUp(candidate: Candidate): Cleaned {
  let text = candidate.text;
  const changes: Change[] = [];
  for (const rule of cleanupRules) {
    const next = rule.apply({ ...candidate, text });
    if (next === '') return { droppedBy: rule, changes };
    if (next !== text) changes.push({ rule: rule.name, explanation: rule.change ?? rule.explanation });
    text = next;
  }
  return { text, changes };
}
