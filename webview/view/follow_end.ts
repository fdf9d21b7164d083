// The scrolling of the conversation: it follows the answer only while the user does, and a button leads back to the end.
import { t } from '../l10n.ts';
import { button } from './controls.ts';

/** Nearer to the end than this counts as being at the end. */
const endSlackPx = 24;

export interface FollowEnd {
  jumpButton: HTMLElement;
  readonly isFollowing: boolean;
  /** From now on stay at the end. */
  follow: () => void;
  /** From now on stay where the user is led to. */
  leave: () => void;
  contentChanged: () => void;
}

/** Makes `scroller` follow its end whenever that is `wanted`; `onScroll` hears of every other position, `onResize` of
 * every other size. */
export function followEnd(
  scroller: HTMLElement,
  { wanted, onScroll, onResize }: { wanted: () => boolean; onScroll: () => void; onResize: () => void },
): FollowEnd {
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
      onScroll();
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
    onScroll();
  });
  new ResizeObserver(() => {
    if (!following) onResize();
    contentChanged();
    onScroll();
  }).observe(scroller);
  return {
    jumpButton: jump,
    get isFollowing() {
      return following;
    },
    follow: () => {
      following = true;
    },
    leave: () => {
      following = false;
    },
    contentChanged,
  };
}
