// The question that goes on with an answer which the context had no room for, once a summary has made room: the model then no longer
// sees the answer, so the question says how it ended. Pure.
import { t } from '../l10n.ts';
import type { Turn } from '../protocol.ts';

/** So much of the end is quoted, from a word on. */
const quotedCharsMax = 300;

/** Undefined when the conversation does not end with such an answer. */
export function goOnQuestion(turns: readonly Turn[]): string | undefined {
  const last = turns.at(-1);
  if (last?.role !== 'assistant' || last.cut !== 'context') return undefined;
  const text = last.text.trimEnd();
  if (text === '') return undefined;
  const end = text.length <= quotedCharsMax ? text : text.slice(-quotedCharsMax).replace(/^\S*\s+/, '');
  return `${t('Go on with your last answer where it was cut. It ended with:')}\n\n${end}`;
}
