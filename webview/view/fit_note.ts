// Says before a message is sent that it does not fit into the model's context, by how much, and what makes it so long.
import { formatNumber, t } from '../l10n.ts';
import type { ContextMeter, DraftView } from '../protocol.ts';
import { element, setText } from './element.ts';

export interface Unsent {
  draft: DraftView;
  /** What is in the input. */
  text: string;
  meter: ContextMeter;
  /** Tokens of the files of the workspace, where they come with the message. */
  workspaceTokens?: number;
  /** The same for the last question of the conversation, whose tokens the meter counts. */
  workspaceTokensBefore?: number;
}

/** Kept for the answer, as the engine keeps it: this many tokens, or a quarter of a context that is small. */
const answerTokens = 4096;
const answerPart = 1 / 4;
const charsPerToken = 4;
/** What is an estimate is said in round numbers. */
const roundTo = 10;

/** What is to be said of it; '' when it fits, or when nothing is known of the context yet. */
export function fitText({
  draft,
  text,
  meter,
  workspaceTokens = 0,
  workspaceTokensBefore = 0,
}: Unsent): string {
  const { maxTokens, usedTokens } = meter;
  if (maxTokens === 0) return '';
  const parts: { label: string; tokens?: number }[] = [
    ...(draft.editor ? [draft.editor] : []),
    ...draft.attachments,
    { label: t('files of the workspace'), tokens: workspaceTokens },
  ];
  const attached = parts.reduce((sum, { tokens = 0 }) => sum + tokens, 0);
  const wanted = attached + Math.ceil(text.length / charsPerToken);
  const reserved = Math.min(answerTokens, Math.floor(maxTokens * answerPart));
  const over = wanted + reserved - maxTokens;
  // The files alone say nothing before there is a message.
  const isMessage = text.trim() !== '' || attached > workspaceTokens;
  if (!isMessage) return '';
  if (over > 0) {
    const largest = parts
      .filter(({ tokens = 0 }) => tokens > 0)
      .toSorted((one, other) => (other.tokens ?? 0) - (one.tokens ?? 0))
      .slice(0, 3)
      .map(({ label, tokens = 0 }) => `${label} (${formatNumber(tokens)})`);
    return largest.length === 0
      ? t(
          'The message is about {0} tokens too long: the context has {1}, and {2} are kept for the answer.',
          formatNumber(Math.ceil(over / roundTo) * roundTo),
          formatNumber(maxTokens),
          formatNumber(reserved),
        )
      : t(
          'The message is about {0} tokens too long: the context has {1}, and {2} are kept for the answer. Longest: {3}.',
          formatNumber(Math.ceil(over / roundTo) * roundTo),
          formatNumber(maxTokens),
          formatNumber(reserved),
          largest.join(', '),
        );
  }
  if (usedTokens > 0 && over + usedTokens - workspaceTokensBefore > 0)
    return t('To make room for this message, the oldest ones of the conversation will be left out.');
  return '';
}

/** The line below the input; hidden while all is well. */
export function fitNote(): { element: HTMLElement; update: (unsent: Unsent) => void } {
  const note = element('p', { class: 'note fit-note', attributes: { role: 'status' } });
  note.hidden = true;
  return {
    element: note,
    update: unsent => {
      const text = fitText(unsent);
      setText(note, text);
      note.hidden = text === '';
    },
  };
}
