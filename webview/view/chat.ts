// The list of turns, the welcome when there are none, and the scrolling: it follows the answer only while the user does.
import type { Button } from '@vscode/webview-ui-toolkit';
import { t } from '../l10n.ts';
import type { FromPanel, PanelState, Turn } from '../protocol.ts';
import { element } from './element.ts';
import { followEnd } from './follow_end.ts';
import { aroundSlices } from './slices.ts';
import { transcript } from './transcript.ts';
import { welcomeView } from './welcome.ts';

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
  const scroller = element(
    'div',
    // A log would be read out token by token; the ends of answers are announced elsewhere.
    {
      class: 'scroller',
      attributes: { role: 'log', 'aria-live': 'off', 'aria-label': t('Conversation'), tabindex: '0' },
    },
    welcome.element,
  );
  const list = transcript(scroller, {
    post,
    onFound: turnId => {
      scroll.leave();
      list.reveal(turnId)?.scrollIntoView({ block: 'start' });
    },
  });
  scroller.append(list.element);
  let isEmpty = true;
  // The welcome is read from its top, a conversation from its end.
  const scroll = followEnd(scroller, {
    wanted: () => !isEmpty,
    onScroll: () => {
      list.scrolled();
      list.refresh({ now: true });
    },
    onResize: list.keepPlace,
  });
  /** At the end nothing has to stay where it is, and measuring is dear. */
  const inPlace = (run: () => void): void => (scroll.isFollowing ? run() : list.inPlace(run));
  /** Another branch is shown at the place of the one whose line had the focus: its line has it. */
  const focusSameBranches = ({ turnId, branchButton }: TurnFocus, turns: readonly Turn[]): boolean => {
    const sibling = turns.find(turn => turn.role !== 'summary' && turn.branch?.ids.includes(turnId));
    const line = branchButton >= 0 && sibling && list.reveal(sibling.id)?.querySelector('.branch');
    if (!line) return false;
    const buttons = buttonsIn(line);
    [buttons[branchButton], ...buttons].find(one => one && !one.disabled)?.focus();
    return true;
  };
  const box = element('main', { class: 'chat' }, scroller, scroll.jumpButton);
  sendLinksToHost(list.element, post);
  aroundSlices(run => {
    inPlace(run);
    scroll.contentChanged();
    list.refresh({ now: false });
  });

  return {
    element: box,
    update: state => {
      isEmpty = state.turns.length === 0;
      welcome.element.hidden = !isEmpty;
      welcome.update(state);
      const focused = document.hasFocus() ? focusIn(list.element) : undefined;
      inPlace(() => {
        if (list.update(state.turns, state.engine.kernels, state.busy)) scroll.follow();
      });
      if (focused && !hasVisibleFocus(list.element) && !focusSameBranches(focused, state.turns))
        // A button that went away with the focus, e.g. "Answer again", leaves the focus to the conversation.
        scroller.focus({ preventScroll: true });
      scroll.contentChanged();
      list.refresh({ now: true });
      scroll.contentChanged();
    },
  };
}

/** Where the focus is among the turns: in which, and on which button of the line of its branches, if it is there. */
interface TurnFocus {
  turnId: string;
  branchButton: number;
}

function focusIn(list: HTMLElement): TurnFocus | undefined {
  const { activeElement } = document;
  if (!activeElement || !list.contains(activeElement)) return undefined;
  const turnId = activeElement.closest<HTMLElement>('[data-turn]')?.dataset['turn'] ?? '';
  const line = activeElement.closest('.branch');
  return { turnId, branchButton: line ? buttonsIn(line).findIndex(one => one === activeElement) : -1 };
}

function hasVisibleFocus(list: HTMLElement): boolean {
  const { activeElement } = document;
  return activeElement !== null && list.contains(activeElement) && activeElement.checkVisibility();
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

function buttonsIn(line: Element): Button[] {
  return [...line.querySelectorAll<Button>('vscode-button')];
}
