// The questions that wait until the running answer has ended.
import { t } from '../l10n.ts';
import type { FromPanel, QueuedView } from '../protocol.ts';
import { button } from './controls.ts';
import { element, setText } from './element.ts';
import { keyedList, type Row } from './keyed_list.ts';

/** Makes the list; hidden while nothing waits. `leave` puts the focus into the input, when a question is asked from here. */
export function queueList({ post, leave }: QueueOptions): {
  element: HTMLElement;
  update: (queue: QueuedView[]) => void;
} {
  const list = element('ul', { class: 'queue', attributes: { 'aria-label': t('Waiting questions') } });
  const box = element('div', { class: 'queue-box' });
  const heldNote = element('p', {
    class: 'note',
    text: t(
      'These questions waited when the window was closed, or do not fit into the context. They wait until you send them.',
    ),
  });
  box.append(heldNote, list);
  box.hidden = true;
  const fill = keyedList<QueuedView>(
    list,
    ({ id }) => id,
    () => queuedRow({ post, leave }),
  );
  return {
    element: box,
    update: queue => {
      box.hidden = queue.length === 0;
      heldNote.hidden = !queue.some(({ held }) => held);
      fill(queue);
    },
  };
}

interface QueueOptions {
  post: (message: FromPanel) => void;
  leave: () => void;
}

function queuedRow({ post, leave }: QueueOptions): Row<QueuedView> {
  let queuedId = '';
  const act = (action: 'send' | 'edit' | 'remove') => () => post({ type: 'queued', action, queuedId });
  const text = element('span', { class: 'queued-text' });
  return {
    element: element(
      'li',
      { class: 'queued', attributes: { 'data-testid': 'queued' } },
      text,
      button({
        label: t('Send now'),
        appearance: 'icon',
        icon: 'send',
        onClick: () => {
          act('send')();
          leave();
        },
      }),
      button({ label: t('Edit waiting question'), appearance: 'icon', icon: 'edit', onClick: act('edit') }),
      button({
        label: t('Remove waiting question'),
        appearance: 'icon',
        icon: 'remove',
        onClick: act('remove'),
      }),
    ),
    update: view => {
      queuedId = view.id;
      setText(text, view.text);
      text.title = view.text;
    },
  };
}
