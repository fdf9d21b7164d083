// The list of turns, the welcome when there are none, and the scrolling: it follows the answer only while the user does.
import { t } from '../l10n.ts';
import type { FromPanel, KernelsView, PanelState, Turn } from '../protocol.ts';
import { isWaiting } from '../store.ts';
import { button } from './controls.ts';
import { element } from './element.ts';
import { turnView, type TurnView } from './turn.ts';
import { welcomeView } from './welcome.ts';

/** Nearer to the end than this counts as being at the end. */
const endSlackPx = 24;

export interface ChatView {
  element: HTMLElement;
  update: (state: PanelState) => void;
}
export interface ChatActions {
  post: (message: FromPanel) => void;
  onExample: (example: { text: string; useWorkspace: boolean }) => void;
}

/** Makes the conversation. */
export function chatView({ post, onExample }: ChatActions): ChatView {
  const welcome = welcomeView({
    onExample,
    onChooseModel: () => post({ type: 'action', action: 'chooseModel' }),
  });
  const views = new Map<string, { turn: Turn; kernels: KernelsView | undefined; view: TurnView }>();
  const list = element('div', { class: 'turns' });
  const scroller = element(
    'div',
    // A log would be read out token by token; the ends of answers are announced elsewhere.
    {
      class: 'scroller',
      attributes: { role: 'log', 'aria-live': 'off', 'aria-label': 'Conversation', tabindex: '0' },
    },
    welcome.element,
    list,
  );
  // The welcome is read from its top, a conversation from its end.
  const scroll = followEnd(scroller, () => views.size > 0);
  const box = element('main', { class: 'chat' }, scroller, scroll.jumpButton);
  sendLinksToHost(list, post);

  return {
    element: box,
    update: state => {
      welcome.element.hidden = state.turns.length > 0;
      welcome.update(state);
      const hadFocus = list.contains(document.activeElement);
      const present = new Set(state.turns.map(turn => turn.id));
      for (const [id, { view }] of views) {
        if (present.has(id)) continue;
        view.element.remove();
        views.delete(id);
      }
      state.turns.forEach((turn, index) => {
        let shown = views.get(turn.id);
        if (shown && shown.turn.role !== turn.role) {
          shown.view.element.remove();
          shown = undefined;
        }
        const view = shown?.view ?? turnView(turn, post);
        // Who has the first word waits for no kernel.
        const kernels = turn.role === 'assistant' && isWaiting(turn) ? state.engine.kernels : undefined;
        if (shown?.turn !== turn || shown.kernels !== kernels) view.update(turn, kernels);
        if (list.children[index] !== view.element)
          list.insertBefore(view.element, list.children[index] ?? null);
        if (!shown && turn.role === 'user') scroll.follow();
        views.set(turn.id, { turn, kernels, view });
      });
      // A button that went away with the focus, e.g. "Answer again", leaves the focus to the conversation.
      if (hadFocus && !hasVisibleFocus(list)) scroller.focus({ preventScroll: true });
      scroll.contentChanged();
    },
  };
}

function hasVisibleFocus(list: HTMLElement): boolean {
  const { activeElement } = document;
  return activeElement !== null && list.contains(activeElement) && activeElement.checkVisibility();
}

interface FollowEnd {
  jumpButton: HTMLElement;
  /** From now on stay at the end. */
  follow: () => void;
  contentChanged: () => void;
}

function followEnd(scroller: HTMLElement, wanted: () => boolean): FollowEnd {
  let following = true;
  let lastTop = 0;
  const atEnd = (): boolean =>
    scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight <= endSlackPx;
  const jump = button({
    label: t('Jump to latest'),
    appearance: 'icon',
    icon: 'down',
    onClick: () => {
      following = true;
      contentChanged();
      scroller.focus();
    },
  });
  jump.classList.add('jump');
  jump.hidden = true;

  function contentChanged(): void {
    if (!wanted()) following = true;
    else if (following) scroller.scrollTop = scroller.scrollHeight;
    lastTop = scroller.scrollTop;
    jump.hidden = following || atEnd();
  }
  scroller.addEventListener('scroll', () => {
    // Only the user moves upwards; growth of the text and our own scrolling never do.
    if (scroller.scrollTop < lastTop && !atEnd()) following = false;
    else if (atEnd()) following = true;
    lastTop = scroller.scrollTop;
    jump.hidden = following || atEnd();
  });
  new ResizeObserver(contentChanged).observe(scroller);
  return {
    jumpButton: jump,
    follow: () => {
      following = true;
    },
    contentChanged,
  };
}

/** Links of an answer are opened by the host; the page itself goes nowhere. */
function sendLinksToHost(list: HTMLElement, post: (message: FromPanel) => void): void {
  const onClick = (event: MouseEvent): void => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link) return;
    event.preventDefault();
    // VS Code listens for link clicks above us and would open the address a second time.
    event.stopPropagation();
    const href = link.getAttribute('href');
    if (href) post({ type: 'openLink', href });
  };
  list.addEventListener('click', onClick);
  list.addEventListener('auxclick', onClick);
}
