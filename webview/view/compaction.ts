// Offers a summary when the context is nearly full, or an answer was cut for want of it: made on request, changed by the user, and only then used.
import { t } from '../l10n.ts';
import type { SavedSummary } from '../host.ts';
import type { FromPanel, PanelState } from '../protocol.ts';
import { button } from './controls.ts';
import { element, setText } from './element.ts';
import { count } from './format.ts';
import { textForm } from './text_form.ts';

/** From this share of the context on a summary is offered. */
const offeredFrom = 0.8;

export interface CompactionView {
  element: HTMLElement;
  update: (state: Shown) => void;
  /** A summary has come, or could not be made. */
  show: (text: string | undefined) => void;
  /** The summary that waits for the user, for a page that is made anew. */
  waiting: () => SavedSummary | undefined;
}
/** What of the panel it depends on. */
type Shown = Pick<PanelState, 'conversation' | 'turns' | 'meter' | 'busy'>;
export interface CompactionOptions {
  post: (message: FromPanel) => void;
  /** What waited when the page went away. */
  saved: SavedSummary | undefined;
  /** What waits has changed. */
  onChange: () => void;
  /** The user is done with the summary, or there is none: puts the focus into the input. */
  leave: () => void;
}

/** Makes the offer and the form of the summary. */
export function compactionView({ post, saved, onChange, leave }: CompactionOptions): CompactionView {
  const text = element('p', { class: 'note' });
  const offer = element('div', { class: 'compact-offer' }, text);
  const compact = button({
    label: t('Compact…'),
    appearance: 'secondary',
    onClick: () => {
      isAsked = true;
      draw();
      post({ type: 'summarise' });
    },
  });
  offer.append(compact);
  const form = textForm({
    label: t('Summary of the conversation'),
    use: t('Go on from this summary'),
    onUse: summary => post({ type: 'compact', text: summary }),
    onClose: () => {
      draw();
      onChange();
      leave();
    },
    onChange,
  });
  const box = element(
    'div',
    { class: 'compact', attributes: { 'data-testid': 'compact' } },
    offer,
    form.element,
  );
  let isAsked = false;
  let shown: Shown | undefined;

  function draw(): void {
    if (!shown) return;
    const { usedTokens, maxTokens } = shown.meter;
    const isNearlyFull = maxTokens > 0 && usedTokens >= offeredFrom * maxTokens;
    // How long the context is may not be known yet, as before a model is loaded.
    offer.hidden = !(isNearlyFull || endsFull(shown.turns)) || !form.element.hidden;
    box.hidden = offer.hidden && form.element.hidden;
    compact.disabled = isAsked || shown.busy;
    setText(
      text,
      isNearlyFull
        ? t(
            'The context is nearly full: {0} of {1} tokens. A summary makes room; this conversation stays as a branch.',
            count(usedTokens),
            count(maxTokens),
          )
        : t('The context was full. A summary makes room; this conversation stays as a branch.'),
    );
  }
  /** The page knows its conversation now. */
  function start(conversationId: string): void {
    if (form.text() !== undefined) onChange();
    else if (saved?.conversationId === conversationId) form.open(saved.text, { focus: false });
  }
  function waiting(): SavedSummary | undefined {
    const summary = form.text();
    return shown && summary !== undefined
      ? { conversationId: shown.conversation.id, text: summary }
      : undefined;
  }
  box.hidden = true;
  return {
    element: box,
    update: state => {
      // A summary is for the conversation that it was made of.
      if (shown && shown.conversation.id !== state.conversation.id) {
        isAsked = false;
        form.close();
        onChange();
      }
      const isFirst = !shown;
      shown = state;
      if (isFirst) start(state.conversation.id);
      draw();
    },
    show: summary => {
      if (summary !== undefined) form.open(summary);
      else if (isAsked) leave();
      isAsked = false;
      draw();
      onChange();
    },
    waiting,
  };
}

/** The last answer was cut for want of context. */
function endsFull(turns: PanelState['turns']): boolean {
  const last = turns.at(-1);
  return last?.role === 'assistant' && last.cut === 'context';
}
