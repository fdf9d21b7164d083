// A question for a conversation, made of what the user typed, as it was expanded, and what is attached to it. Pure.
import type { Attachment } from '../context/attachment.ts';
import { t } from '../l10n.ts';
import type { Expanded, UsedRules } from '../prompts/expanded.ts';
import type { Question } from './session.ts';

export interface QuestionParts {
  expanded: Expanded;
  useWorkspace: boolean;
  attached?: Attachment[];
  /** Of what is attached. */
  notes?: string[];
}

/** The question that is asked. */
export function questionOf({
  expanded,
  useWorkspace,
  attached = [],
  notes: more = [],
}: QuestionParts): Question {
  const { shown, parts, instructions, rules } = expanded;
  const notes = [...expanded.notes, ...more, ...rulesNote(rules)];
  const isPlain = parts.every(part => part.type === 'text' && part.text === shown);
  return {
    useWorkspace,
    parts: [...parts, ...attached],
    shown: isPlain ? undefined : shown,
    notes: notes.length > 0 ? notes : undefined,
    instructions,
  };
}

/** Which rules of the project go with a question. */
function rulesNote(rules: readonly UsedRules[]): string[] {
  if (rules.length === 0) return [];
  const names = rules.map(({ path, cut }) => (cut ? t('{0} (cut, too long)', path) : path));
  return [t('Rules: {0}', names.join(', '))];
}
