// What went wrong on the model page and what helps, with buttons.
import type { ProblemView } from '../../protocol.ts';
import { button } from '../controls.ts';
import { element } from '../element.ts';
import { icon } from '../icons.ts';

/** Makes the box. */
export function problemBox(
  { message, remedy }: ProblemView,
  actions: { label: string; onClick: () => void }[],
): HTMLElement {
  const buttons = actions.map(({ label, onClick }, index) =>
    button({ label, appearance: index === 0 ? 'primary' : 'secondary', onClick }),
  );
  return element(
    'div',
    { class: 'failure' },
    element('p', { class: 'failure-message' }, icon('warning'), element('span', { text: message })),
    ...(remedy ? [element('p', { class: 'failure-remedy', text: remedy })] : []),
    element('div', { class: 'failure-actions' }, ...buttons),
  );
}
