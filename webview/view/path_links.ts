// Paths in answers as links. It looks at answers from outside, after their blocks were rendered: finished blocks are searched for paths,
// the host is asked in batches which of them exist, and those that do can be opened. The page itself decides nothing.
import type { FromPanel, PathQuestion, PathView } from '../protocol.ts';
import { placesIn, type Place } from './path_places.ts';
import { showPlace } from './path_look.ts';

/** Questions are collected for this long. */
const collectMs = 60;
/** Paths of one message; the host takes no more. */
const batchMax = 64;
/** Different paths of one answer that are looked up. */
const pathsMax = 300;
/** How long blocks are searched before the page is drawn again. */
const searchMs = 8;
const runningStates = new Set(['waiting', 'reading', 'streaming']);

export interface PathLinks {
  /** Takes what the host found. */
  show: (found: PathView[]) => void;
  /** Asks anew for all paths in the page. */
  checkAgain: () => void;
}
/** What is known of one answer. */
interface Answer {
  /** Blocks that were searched. */
  searched: WeakSet<Element>;
  known: Map<string, PathView | 'asked'>;
}

/** Watches the answers inside `root`. */
export function pathLinks(root: HTMLElement, post: (message: FromPanel) => void): PathLinks {
  const answers = new WeakMap<Element, Answer>();
  const places = new WeakMap<Element, Place>();
  const changed = new Set<HTMLElement>();
  const questions = new Map<string, PathQuestion>();
  let timer: number | undefined;

  const observer = new MutationObserver(records => {
    for (const record of records) noteChange(record);
    if (changed.size > 0) requestAnimationFrame(search);
  });
  observer.observe(root, {
    subtree: true,
    childList: true,
    characterData: true,
    attributeFilter: ['data-status'],
  });

  function noteChange({ type, target, addedNodes }: MutationRecord): void {
    const at = target instanceof Element ? target : target.parentElement;
    // Code that grows, or gets its colours, is not searched.
    if (at?.closest('pre')) return;
    const answer = at?.closest<HTMLElement>('.answer');
    if (answer) {
      changed.add(answer);
      // Whoever made the block has changed it: it is searched again.
      const block = blockOf(answer, at);
      if (block) answers.get(answer)?.searched.delete(block);
      return;
    }
    for (const node of type === 'attributes' ? [target] : addedNodes)
      if (node instanceof Element)
        for (const found of node.querySelectorAll<HTMLElement>('.answer')) changed.add(found);
  }

  /** Searches blocks until time is up; the rest waits for the next frame. */
  function search(): void {
    const endMs = performance.now() + searchMs;
    for (const answer of changed) {
      if (!searchAnswer(answer, endMs)) break;
      changed.delete(answer);
    }
    forgetOwnChanges();
    if (changed.size > 0) requestAnimationFrame(search);
  }

  /** True when all its finished blocks were searched. */
  function searchAnswer(answer: HTMLElement, endMs: number): boolean {
    const turn = answer.closest<HTMLElement>('.turn');
    if (!turn || turn.dataset['role'] !== 'assistant') return true;
    const state = answers.get(answer) ?? { searched: new WeakSet(), known: new Map() };
    answers.set(answer, state);
    const blocks = [...answer.children].flatMap(one => (one.matches('.part') ? [...one.children] : [one]));
    // The last block of a running answer still grows.
    if (runningStates.has(turn.dataset['status'] ?? '')) blocks.pop();
    for (const block of blocks) {
      if (state.searched.has(block)) continue;
      if (performance.now() > endMs) return false;
      state.searched.add(block);
      for (const place of placesIn(block)) take(place, state);
    }
    return true;
  }

  function take(place: Place, answer: Answer): void {
    places.set(place.element, place);
    const { path, sure } = place.written;
    const known = answer.known.get(path);
    if (known === 'asked') return;
    if (known) apply(place, known, answer);
    else if (answer.known.size < pathsMax) {
      answer.known.set(path, 'asked');
      ask(path, sure);
    }
  }

  function ask(path: string, near: boolean): void {
    questions.set(path, { path, near: near || questions.get(path)?.near === true });
    timer ??= window.setTimeout(() => {
      timer = undefined;
      const all = [...questions.values()];
      questions.clear();
      for (let from = 0; from < all.length; from += batchMax)
        post({ type: 'findPaths', paths: all.slice(from, from + batchMax) });
    }, collectMs);
  }

  function apply(place: Place, view: PathView, answer: Answer): void {
    showPlace(place, view);
    // A span of code that is no path as a whole may hold some.
    if (view.kind === 'missing' && place.inside) for (const inner of place.inside()) take(inner, answer);
  }

  function* shownPlaces(): Generator<{ place: Place; answer: Answer }> {
    for (const found of root.querySelectorAll('.place')) {
      const place = places.get(found);
      const owner = found.closest('.answer');
      const answer = owner && answers.get(owner);
      if (place && answer) yield { place, answer };
    }
  }

  function show(found: PathView[]): void {
    const views = new Map(found.map(view => [view.path, view]));
    for (const { place, answer } of [...shownPlaces()]) {
      const view = views.get(place.written.path);
      if (!view || !answer.known.has(view.path)) continue;
      answer.known.set(view.path, view);
      apply(place, view, answer);
    }
    forgetOwnChanges();
  }

  /** What was changed since the page ran last was changed here. */
  function forgetOwnChanges(): void {
    observer.takeRecords();
  }

  function checkAgain(): void {
    for (const { place, answer } of shownPlaces()) {
      const { path, sure } = place.written;
      if (!answer.known.has(path)) continue;
      answer.known.set(path, 'asked');
      ask(path, sure);
    }
  }

  const open = (event: Event): void => {
    const target = event.target instanceof Element ? event.target.closest('.place, .place-near') : null;
    if (!target || target.getAttribute('role') !== 'link') return;
    if (event instanceof KeyboardEvent && event.key !== 'Enter') return;
    event.preventDefault();
    // VS Code listens for link clicks above us.
    event.stopPropagation();
    const near = target instanceof HTMLElement ? target.dataset['near'] : undefined;
    const written = places.get(target)?.written;
    if (near !== undefined) post({ type: 'openPath', path: near });
    else if (written) {
      const { path, line, column, endLine } = written;
      post({
        type: 'openPath',
        path,
        ...(line !== undefined && { line }),
        ...(column !== undefined && { column }),
        ...(endLine !== undefined && { endLine }),
      });
    }
  };
  for (const type of ['click', 'auxclick', 'keydown']) root.addEventListener(type, open, { capture: true });
  return { show, checkAgain };
}

/** The block of an answer that an element is in. */
function blockOf(answer: Element, inner: Element | null): Element | undefined {
  let at = inner;
  while (at && at.parentElement !== answer) at = at.parentElement;
  return at ?? undefined;
}
