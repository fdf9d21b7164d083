// Ending a thought: the button that has the model answer now, while it thinks, and afterwards why the thought is shorter than it
// could be.
import { t } from '../l10n.ts';
import type { FromPanel, ThoughtView } from '../protocol.ts';
import { button } from './controls.ts';
import { element, setText } from './element.ts';

/** Makes the line; hidden where nothing is thought and no thought was cut. */
export function thoughtEndLine(post: (message: FromPanel) => void): {
  element: HTMLElement;
  update: (thought: ThoughtView | undefined, running: boolean) => void;
} {
  const now = button({
    label: t('Answer Now'),
    appearance: 'secondary',
    onClick: () => post({ type: 'answerNow' }),
  });
  now.title = t('Ends the thought, and the model answers with what it has thought so far. Key: Ctrl+Alt+H T');
  const why = element('p', { class: 'note', attributes: { 'data-testid': 'thought-cut' } });
  const line = element('div', { class: 'thought-end' }, now, why);
  return {
    element: line,
    update: (thought, running) => {
      now.hidden = !thought || !running;
      setText(why, cutNote(thought?.cut));
      why.hidden = !why.textContent;
      line.hidden = now.hidden && why.hidden;
    },
  };
}

function cutNote(cut: ThoughtView['cut']): string {
  switch (cut) {
    case 'answerNow':
      return t('The thought was cut short, because you asked for the answer.');
    case 'budget':
      return t('The thought was cut short: it had used up its budget of tokens.');
    case undefined:
      return '';
    default:
      return cut satisfies never;
  }
}
