// How an answer ended that is not whole, and the button with which it goes on, as one that the user has edited can, or how else it can.
// That is there below the last answer only: what was answered before is part of what was asked since.
import { t } from '../l10n.ts';
import type { AssistantTurn, FromPanel } from '../protocol.ts';
import { button } from './controls.ts';
import { element, setText } from './element.ts';

/** Makes the line; empty for an answer that is whole and the model's own. */
export function goOnLine(post: (message: FromPanel) => void): {
  element: HTMLElement;
  update: (turn: AssistantTurn) => void;
} {
  let turnId = '';
  const goOn = (label: string) =>
    button({ label, appearance: 'secondary', onClick: () => post({ type: 'goOn', turnId }) });
  const note = element('p', { class: 'note', attributes: { 'data-testid': 'note' } });
  const further = goOn(t('Continue'));
  const anyway = goOn(t('Go On Anyway'));
  anyway.title = t('The model goes on, even if it repeats itself. Key: Ctrl+Alt+H G');
  const full = element('p', {
    class: 'note',
    text: t('Compact the conversation below; a question that goes on from here is ready then.'),
  });
  const buttons = element('div', { class: 'go-on' }, further, anyway, full);
  return {
    element: element('div', { class: 'ending' }, note, buttons),
    update: turn => {
      turnId = turn.id;
      setText(note, endNote(turn));
      note.hidden = !note.textContent;
      full.hidden = turn.cut !== 'context' || onlyThought(turn);
      buttons.hidden = turn.goOn === undefined && full.hidden;
      further.hidden = turn.goOn !== 'continue' && turn.goOn !== 'fromUser';
      further.title =
        turn.goOn === 'fromUser'
          ? t('The model goes on from your words. Key: Ctrl+Alt+H G')
          : t('The model goes on where the answer was cut. Key: Ctrl+Alt+H G');
      anyway.hidden = turn.goOn !== 'anyway';
    },
  };
}

/** How the answer ended, where that is not plain from what it says. */
function endNote(turn: AssistantTurn): string {
  if (turn.status === 'stopped') {
    if (onlyThought(turn)) return t('Stopped while thinking. The thought so far is kept.');
    return turn.text ? t('Stopped. The text so far is kept.') : t('Stopped before the first word.');
  }
  if (turn.status === 'interrupted')
    return turn.text || onlyThought(turn)
      ? t('Interrupted: the window was closed or reloaded. The text so far is kept.')
      : t('Interrupted before the first word: the window was closed or reloaded.');
  switch (turn.cut) {
    case 'length':
      return onlyThought(turn)
        ? t('The thought was cut at the length limit.')
        : t('The answer was cut at the length limit.');
    case 'context':
      return onlyThought(turn)
        ? t('The thought was cut: the context is full.')
        : t('The answer was cut: the context is full.');
    case 'repetition':
      return t('The model repeated itself, so the answer was stopped.');
    case undefined:
      return turn.status === 'done' && !turn.text ? t('The model gave an empty answer.') : '';
    default:
      return turn.cut satisfies never;
  }
}

function onlyThought({ thinking, text }: AssistantTurn): boolean {
  return thinking !== undefined && !text;
}
