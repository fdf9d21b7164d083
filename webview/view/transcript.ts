// The turns of a conversation, of which only those near the screen are drawn: thousands of turns cost no more than a few. What is out
// of sight is a place of the same height, so that the scroll bar and everything in sight stay where they are.
import type { FromPanel, KernelsView, Turn } from '../protocol.ts';
import { isWaiting } from '../store.ts';
import { completeCopies } from './copy_selection.ts';
import { element } from './element.ts';
import { Slot } from './slot.ts';
import { workNow, workSoon } from './slices.ts';

/** Turns up to this far away are drawn: a screen, and so far at least. */
const nearPxMin = 900;
/** Turns this many times as far away are taken down. */
const farFactor = 3;

export interface Transcript {
  element: HTMLElement;
  /** Shows these turns; true when a question is among those that are new. */
  update: (turns: readonly Turn[], kernels: KernelsView | undefined, isBusy: boolean) => boolean;
  /** Draws what has come near the screen, now or in the coming frames, and takes down what is far away. */
  refresh: (when: { now: boolean }) => void;
  /** Runs something that may change heights, while what is in sight stays where it is. */
  inPlace: (run: () => void) => void;
  /** The position has changed: by the user, unless the page itself has just scrolled there. */
  scrolled: () => void;
  /** Heights have changed; what was in sight comes back to where it was. */
  keepPlace: () => void;
  /** Draws a turn wherever it is, and returns its element. */
  reveal: (turnId: string) => HTMLElement | undefined;
}

export interface TranscriptActions {
  post: (message: FromPanel) => void;
  /** The browser's search has found something in a turn that is not drawn. */
  onFound: (turnId: string) => void;
}

/** Makes the list of turns inside `scroller`. */
export function transcript(scroller: HTMLElement, { post, onFound }: TranscriptActions): Transcript {
  const list = element('div', { class: 'turns' });
  let slots: Slot[] = [];
  let present = new Set<Slot>();
  let queue: Slot[] = [];
  const built = new Set<Slot>();
  /**
   * The turn that stays where it is while others are drawn, the same one until all are, or the user scrolls on. The browser's own scroll anchoring
   * does not do this where the height of a place is set.
   */
  let held: { slot: Slot; top: number } | undefined;
  /** The position for which it is held. */
  let heldAt = -1;

  // What is opened or folded by hand stays so, even far away.
  list.addEventListener('click', event => {
    const target = event.target instanceof Element ? event.target : list;
    if (!target.closest('summary, .question vscode-button')) return;
    slotOf(target)?.touch();
  });
  list.addEventListener('beforematch', event => {
    const found = event.target instanceof Element && slotOf(event.target);
    if (found) onFound(found.turn.id);
  });

  completeCopies(list, () => slots);

  function slotOf(target: Element): Slot | undefined {
    const place = target.closest('.slot');
    return slots.find(({ element }) => element === place);
  }

  function build(slot: Slot): void {
    slot.build();
    built.add(slot);
  }

  const near = (): number => Math.max(nearPxMin, scroller.clientHeight);

  /** Turns near the screen that are not drawn, those in sight first. */
  function missing(): Slot[] {
    if (scroller.clientHeight === 0) return [];
    const within = (pixels: number): Slot[] =>
      slots.slice(...slotsWithin(slots, scroller, pixels)).filter(slot => !slot.isBuilt);
    return [...new Set([...within(0), ...within(near())])];
  }

  /** Draws one turn that is missing; true when there may be more. */
  const buildNext = (): boolean => {
    const slot = queue.shift();
    if (slot && present.has(slot)) inPlace(() => build(slot));
    // What was drawn may be lower than its place was, so that more is near.
    if (queue.length === 0) queue = missing();
    if (queue.length > 0) return true;
    // What is first in sight may be another turn now.
    hold();
    return false;
  };

  const topOf = (slot: Slot): number =>
    slot.element.getBoundingClientRect().top - scroller.getBoundingClientRect().top;

  /** From now on the first turn whose beginning is in sight stays where it is. */
  function hold(): void {
    const [first, last] = slotsWithin(slots, scroller, 0);
    const slot = slots.slice(first, last).find(one => topOf(one) >= 0) ?? slots[first];
    held = slot && { slot, top: topOf(slot) };
    heldAt = scroller.scrollTop;
  }

  /** Scrolls so that the held turn is where it was. */
  function keepPlace(): void {
    if (!held || !present.has(held.slot)) return hold();
    const moved = topOf(held.slot) - held.top;
    if (Math.abs(moved) >= 1) scroller.scrollTop += moved;
    heldAt = scroller.scrollTop;
  }

  function inPlace(run: () => void): void {
    // The user may have scrolled just now, and the page has not heard of it yet.
    if (!held || !present.has(held.slot) || scroller.scrollTop !== heldAt) hold();
    run();
    keepPlace();
  }

  function takeDownFar(): void {
    if (scroller.clientHeight === 0) return;
    const [first, last] = slotsWithin(slots, scroller, farFactor * near());
    const kept = new Set(slots.slice(first, last));
    const far = [...built].filter(slot => !kept.has(slot) && !slot.mustStay);
    const heights = far.map(slot => slot.element.getBoundingClientRect().height);
    far.forEach((slot, index) => {
      slot.takeDown(heights[index]);
      built.delete(slot);
    });
  }

  return {
    element: list,
    update: (turns, kernels, isBusy) => {
      const isSame =
        turns.length >= slots.length && slots.every((slot, at) => slot.turn.id === turns[at]?.id);
      const before = isSame ? undefined : new Map(slots.map(slot => [slot.turn.id, slot]));
      let width: number | undefined;
      let asked = false;
      const next = turns.map((turn, at) => {
        const known = before ? before.get(turn.id) : slots[at];
        if (!known) {
          width ??= list.clientWidth || scroller.clientWidth;
          if (turn.role === 'user') asked = true;
        }
        const slot = known ?? new Slot(turn, { width: width ?? 0, post });
        // Who has the first word waits for no kernel.
        slot.update(turn, turn.role === 'assistant' && isWaiting(turn) ? kernels : undefined, isBusy);
        return slot;
      });
      if (isSame && next.length === slots.length) return false;
      present = new Set(next);
      for (const slot of slots) {
        if (present.has(slot)) continue;
        slot.element.remove();
        built.delete(slot);
      }
      slots = next;
      putInOrder(list, slots);
      return asked;
    },
    refresh: ({ now }) => {
      takeDownFar();
      queue = missing();
      if (queue.length === 0) return;
      if (now) workNow(buildNext);
      else workSoon(buildNext);
    },
    inPlace,
    keepPlace,
    scrolled: () => {
      if (scroller.scrollTop !== heldAt) hold();
    },
    reveal: turnId => {
      const slot = slots.find(({ turn }) => turn.id === turnId);
      if (!slot) return undefined;
      build(slot);
      return slot.element;
    },
  };
}

/** Brings the elements of the slots into their order; those that are in it are not touched. */
function putInOrder(list: HTMLElement, slots: readonly Slot[]): void {
  let place = list.firstElementChild;
  const added = new DocumentFragment();
  for (const slot of slots) {
    if (place === null) added.append(slot.element);
    else if (place === slot.element) place = place.nextElementSibling;
    else list.insertBefore(slot.element, place);
  }
  list.append(added);
}

/** The first slot that reaches into the screen or comes so near to it, and the first one behind these. */
function slotsWithin(slots: readonly Slot[], scroller: HTMLElement, pixels: number): [number, number] {
  const { top, bottom } = scroller.getBoundingClientRect();
  const from = top - pixels;
  const to = bottom + pixels;
  const first = firstWhere(slots, slot => slot.element.getBoundingClientRect().bottom > from);
  const last = firstWhere(slots, slot => slot.element.getBoundingClientRect().top >= to);
  return [first, last];
}

/** Index of the first slot for which something is true that is true for all behind it. */
function firstWhere(slots: readonly Slot[], isTrue: (slot: Slot) => boolean): number {
  let [low, high] = [0, slots.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const slot = slots[middle];
    if (slot && isTrue(slot)) high = middle;
    else low = middle + 1;
  }
  return low;
}
