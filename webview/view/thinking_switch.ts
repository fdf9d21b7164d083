// Beside the input, where the model leaves a choice: whether it thinks before it answers, and how much.
import { t } from '../l10n.ts';
import type { FromPanel, ThinkingView } from '../protocol.ts';
import { checkbox } from './controls.ts';
import { element, renderOnDifference } from './element.ts';

/** Makes the switch and the list; hidden where there is nothing to choose. */
export function thinkingSwitch(post: (message: FromPanel) => void): {
  element: HTMLElement;
  update: (thinking: ThinkingView | undefined) => void;
} {
  /** What the box was set to; the library reports that, too, as a change. */
  let shown = false;
  const think = checkbox({
    label: t('Think first'),
    onChange: checked => {
      if (checked === shown) return;
      shown = checked;
      post({ type: 'chooseThinking', think: checked });
    },
  });
  think.title = t('The model thinks before it answers: better answers to hard questions, later.');
  const list = element('select', {
    class: 'effort',
    attributes: { 'aria-label': t('Effort of thinking'), title: t('How much the model thinks') },
  });
  list.addEventListener('change', () => post({ type: 'chooseThinking', effort: list.value }));
  const box = element('div', { class: 'thinking-switch' }, think, list);
  box.hidden = true;
  return {
    element: box,
    update: renderOnDifference((thinking: ThinkingView | undefined) => {
      box.hidden = !thinking;
      if (!thinking) return;
      const { canSwitch, efforts, effort } = thinking;
      think.hidden = !canSwitch;
      shown = thinking.think;
      think.checked = shown;
      list.hidden = efforts.length === 0;
      list.disabled = !thinking.think;
      list.replaceChildren(
        // A model may not say which of them it takes by itself.
        ...(effort === undefined ? [choice('', t('Usual effort'))] : []),
        ...efforts.map(name => choice(name, t('Effort: {0}', name))),
      );
      list.value = effort ?? '';
    }),
  };
}

function choice(value: string, text: string): HTMLOptionElement {
  return element('option', { text, attributes: value === '' ? { value, disabled: '' } : { value } });
}
