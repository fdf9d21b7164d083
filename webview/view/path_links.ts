// Paths and symbols in answers as links. It looks at answers from outside, after their blocks were rendered: finished blocks are searched
// for them, the host is asked in batches which of them exist, and those that do can be opened. Symbols are asked for when the answer has
// ended: a name that it has made up may still be defined by its code.
import type { FromPanel, PathQuestion, PathView, SymbolQuestion, SymbolView } from '../protocol.ts';
import { placesIn, type Place, type SymbolPlace } from './path_places.ts';
import { showPlace, showSymbol } from './path_look.ts';

/** Questions are collected for this long. */
const collectMs = 60;
/** Paths or symbols of one message; the host takes no more. */
const batchMax = 64;
/** Different paths of one answer that are looked up. */
const pathsMax = 300;
/** Different symbols, likewise. */
const symbolsMax = 150;
/** How long blocks are searched before the page is drawn again. */
const searchMs = 8;
const runningStates = new Set(['waiting', 'reading', 'streaming']);

export interface PathLinks {
  /** Takes what the host found. */
  show: (found: PathView[]) => void;
  /** Takes what the host found of the symbols of an answer. */
  showSymbols: (turnId: string, found: SymbolView[]) => void;
  /** Asks anew for all paths and symbols in the page. */
  checkAgain: () => void;
}
/** What is known of one answer. */
interface Answer {
  /** Blocks that were searched. */
  searched: WeakSet<Element>;
  known: Map<string, PathView | 'asked'>;
  /** By their names; 'waits': it is asked for when the answer has ended. */
  symbols: Map<string, { view: SymbolView | 'asked' | 'waits'; near: boolean }>;
}

/** Watches the answers inside `root`. */
export function pathLinks(root: HTMLElement, post: (message: FromPanel) => void): PathLinks {
  const answers = new WeakMap<Element, Answer>();
  const places = new WeakMap<Element, Place | SymbolPlace>();
  const changed = new Set<HTMLElement>();
  const questions = new Map<string, PathQuestion>();
  /** By the turns of their answers. */
  const symbolQuestions = new Map<string, SymbolQuestion[]>();
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
    const state: Answer = answers.get(answer) ?? {
      searched: new WeakSet(),
      known: new Map(),
      symbols: new Map(),
    };
    answers.set(answer, state);
    const blocks = [...answer.children].flatMap(one => (one.matches('.part') ? [...one.children] : [one]));
    // The last block of a running answer still grows.
    const isRunning = runningStates.has(turn.dataset['status'] ?? '');
    if (isRunning) blocks.pop();
    for (const block of blocks) {
      if (state.searched.has(block)) continue;
      if (performance.now() > endMs) return false;
      state.searched.add(block);
      for (const place of placesIn(block)) take(place, state);
    }
    if (!isRunning) askSymbols(turn, state);
    return true;
  }

  function take(place: Place | SymbolPlace, answer: Answer): void {
    places.set(place.element, place);
    if (isSymbol(place)) return takeSymbol(place, answer);
    const { path, sure } = place.written;
    const known = answer.known.get(path);
    if (known === 'asked') return;
    if (known) apply(place, known, answer);
    else if (answer.known.size < pathsMax) {
      answer.known.set(path, 'asked');
      ask(path, sure);
    }
  }

  function takeSymbol(place: SymbolPlace, answer: Answer): void {
    const { symbol, sure } = place.written;
    const known = answer.symbols.get(symbol);
    if (!known && answer.symbols.size < symbolsMax) answer.symbols.set(symbol, { view: 'waits', near: sure });
    else if (known && typeof known.view !== 'string') showSymbol(place, known.view, isAboutFiles(answer));
  }

  function askSymbols(turn: HTMLElement, { symbols }: Answer): void {
    const turnId = turn.dataset['turn'] ?? '';
    for (const [name, symbol] of symbols) {
      if (symbol.view !== 'waits') continue;
      symbol.view = 'asked';
      const { near } = symbol;
      symbolQuestions.set(turnId, [...(symbolQuestions.get(turnId) ?? []), { name, near }]);
      askSoon();
    }
  }

  function ask(path: string, near: boolean): void {
    questions.set(path, { path, near: near || questions.get(path)?.near === true });
    askSoon();
  }

  function askSoon(): void {
    timer ??= window.setTimeout(() => {
      timer = undefined;
      for (const paths of batches([...questions.values()])) post({ type: 'findPaths', paths });
      questions.clear();
      for (const [turnId, all] of symbolQuestions)
        for (const symbols of batches(all)) post({ type: 'findSymbols', turnId, symbols });
      symbolQuestions.clear();
    }, collectMs);
  }

  function apply(place: Place, view: PathView, answer: Answer): void {
    showPlace(place, view);
    // A span of code that is no path as a whole may hold some.
    if (view.kind === 'missing' && place.inside) for (const inner of place.inside()) take(inner, answer);
  }

  function* shownPlaces(within: Element = root): Generator<{ place: Place | SymbolPlace; answer: Answer }> {
    for (const found of within.querySelectorAll('.place')) {
      const place = places.get(found);
      const owner = found.closest('.answer');
      const answer = owner && answers.get(owner);
      if (place && answer) yield { place, answer };
    }
  }

  function show(found: PathView[]): void {
    const views = new Map(found.map(view => [view.path, view]));
    const all = [...shownPlaces()];
    for (const { place, answer } of all) {
      if (isSymbol(place)) continue;
      const view = views.get(place.written.path);
      if (!view || !answer.known.has(view.path)) continue;
      answer.known.set(view.path, view);
      apply(place, view, answer);
    }
    // An answer that names a file is about the workspace.
    for (const { place, answer } of all) if (isSymbol(place)) takeSymbol(place, answer);
    forgetOwnChanges();
  }

  function showSymbols(turnId: string, found: SymbolView[]): void {
    const turn = root.querySelector(`[data-turn="${CSS.escape(turnId)}"]`);
    const all = turn ? [...shownPlaces(turn)] : [];
    const views = new Map(found.map(view => [view.name, view]));
    for (const { place, answer } of all) {
      const known = isSymbol(place) ? answer.symbols.get(place.written.symbol) : undefined;
      const view = isSymbol(place) ? views.get(place.written.symbol) : undefined;
      if (known && view) known.view = view;
    }
    for (const { place, answer } of all) if (isSymbol(place)) takeSymbol(place, answer);
    forgetOwnChanges();
  }

  /** What was changed since the page ran last was changed here. */
  function forgetOwnChanges(): void {
    observer.takeRecords();
  }

  function checkAgain(): void {
    const waiting = new Map<HTMLElement, Answer>();
    for (const { place, answer } of shownPlaces()) {
      if (isSymbol(place)) {
        const known = answer.symbols.get(place.written.symbol);
        const turn = place.element.closest<HTMLElement>('.turn');
        if (!known || known.view === 'waits' || !turn) continue;
        known.view = 'waits';
        waiting.set(turn, answer);
        continue;
      }
      const { path, sure } = place.written;
      if (!answer.known.has(path)) continue;
      answer.known.set(path, 'asked');
      ask(path, sure);
    }
    for (const [turn, answer] of waiting) askSymbols(turn, answer);
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
    if (near !== undefined)
      post(
        target instanceof HTMLElement && target.dataset['nearIs'] === 'symbol'
          ? { type: 'openSymbol', name: near }
          : { type: 'openPath', path: near },
      );
    else if (written && 'symbol' in written) post({ type: 'openSymbol', name: written.symbol });
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
  return { show, showSymbols, checkAgain };
}

function isSymbol(place: Place | SymbolPlace): place is SymbolPlace {
  return 'symbol' in place.written;
}

/** It names a file, a folder or a symbol that there is. */
function isAboutFiles({ known, symbols }: Answer): boolean {
  const isFound = (view: PathView | SymbolView | string): boolean =>
    typeof view !== 'string' && (view.kind === 'file' || view.kind === 'folder' || view.kind === 'defined');
  return [...known.values()].some(isFound) || [...symbols.values()].some(({ view }) => isFound(view));
}

function* batches<Question>(all: readonly Question[]): Generator<Question[]> {
  for (let from = 0; from < all.length; from += batchMax) yield all.slice(from, from + batchMax);
}

/** The block of an answer that an element is in. */
function blockOf(answer: Element, inner: Element | null): Element | undefined {
  let at = inner;
  while (at && at.parentElement !== answer) at = at.parentElement;
  return at ?? undefined;
}
