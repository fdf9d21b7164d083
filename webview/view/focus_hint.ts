// The name of a button that shows only a picture, and its key, while it has the keyboard's focus: the browser shows a title to the mouse
// alone. Screen readers have both already.
import { element } from './element.ts';

/** Between the button, the hint and the edges of the page. */
const gapPx = 4;

/** Shows hints for everything inside `root` that has a title, in an element that is put into it. */
export function focusHints(root: HTMLElement): void {
  const hint = element('div', { class: 'focus-hint', attributes: { 'aria-hidden': 'true' } });
  hint.hidden = true;
  root.append(hint);
  let of: HTMLElement | undefined;
  const hide = (): void => {
    hint.hidden = true;
    of = undefined;
  };
  root.addEventListener('focusin', event => {
    hide();
    const target = event.target instanceof HTMLElement ? event.target : undefined;
    if (!target || !isFocusedByKey(target)) return;
    const text = target.title;
    if (text === '' || text === target.textContent?.trim()) return;
    of = target;
    hint.textContent = text;
    hint.hidden = false;
    place(hint, target);
  });
  root.addEventListener('focusout', hide);
  root.addEventListener('pointerdown', hide, { capture: true });
  // The button that has the focus may have been scrolled into view; what is scrolled elsewhere does not matter.
  root.addEventListener(
    'scroll',
    ({ target: scroller }) => {
      if (!of || !(scroller instanceof Element) || !scroller.contains(of)) return;
      if (isWithin(of, scroller)) place(hint, of);
      else hide();
    },
    { capture: true },
  );
  root.addEventListener(
    'keydown',
    ({ key }) => {
      if (key === 'Escape' || key === 'Enter' || key === ' ') hide();
    },
    { capture: true },
  );
}

/** The focus of a control of the library is in its shadow tree. */
function isFocusedByKey(target: HTMLElement): boolean {
  return (target.shadowRoot?.activeElement ?? target).matches(':focus-visible');
}

function isWithin(target: HTMLElement, scroller: Element): boolean {
  const [inner, outer] = [target, scroller].map(one => one.getBoundingClientRect());
  return inner !== undefined && outer !== undefined && inner.bottom > outer.top && inner.top < outer.bottom;
}

/** Below the target where there is room, else above it, and never beyond the edges. */
function place(hint: HTMLElement, target: HTMLElement): void {
  const { left, top, bottom } = target.getBoundingClientRect();
  const { width, height } = hint.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  const below = bottom + gapPx;
  hint.style.left = `${Math.max(gapPx, Math.min(left, clientWidth - width - gapPx))}px`;
  hint.style.top = `${below + height <= clientHeight ? below : Math.max(gapPx, top - gapPx - height)}px`;
}
