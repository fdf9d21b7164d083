// The places of a rendered block where paths and names of symbols are written: its text, spans of code, links that do not lead to the web, and the path that a
// block of code is for. Code itself and formulas are left alone.
import { element } from './element.ts';
import { symbolOfCode, type WrittenSymbol } from './written_symbols.ts';
import { linesAt, pathOfAddress, pathOfCode, pathsInText, type WrittenPath } from './written_paths.ts';

/** A path in the page, in an element of its own. */
export interface Place {
  element: HTMLElement;
  written: WrittenPath;
  /** Makes places of the paths inside, when the whole is none. */
  inside?: () => Place[];
}

/** The name of a symbol in the page, likewise. */
export interface SymbolPlace {
  element: HTMLElement;
  written: WrittenSymbol;
}

const passedOver = 'pre, a, code, math, button, input, label.task, .place, .place-near, .code-bar, .spoken';

/** Makes the places of a block; those that are there already are left alone. */
export function placesIn(block: Element): (Place | SymbolPlace)[] {
  if (block instanceof HTMLPreElement) return [];
  if (block.matches('.code-block')) return placesInBars(block);
  const places: (Place | SymbolPlace)[] = [];
  for (const link of all<HTMLAnchorElement>(block, 'a[data-info]:not(.place)')) {
    const written = pathOfAddress(link.dataset['info'] ?? '');
    if (written) places.push(placeOf(link, written));
  }
  for (const code of all(block, 'code'))
    if (!code.closest('pre, a') && !code.querySelector('.place')) places.push(...placesInCode(code));
  return [...places, ...placesInBars(block), ...placesInText(block)];
}

/** What a block of code is for is often a file to be made, so that it is no fault when there is none. */
function placesInBars(block: Element): Place[] {
  return all(block, '.code-bar .code-language[title]')
    .filter(name => !name.querySelector('.place'))
    .map(name => wrapped(name, { ...(pathOfCode(name.title) ?? { path: name.title }), sure: false }));
}

function placesInCode(code: HTMLElement): (Place | SymbolPlace)[] {
  const written = pathOfCode(code.textContent);
  if (!written) {
    const symbol = symbolOfCode(code.textContent);
    return symbol ? [wrapped(code, symbol)] : maybe(placesInText(code));
  }
  const behind = code.nextSibling instanceof Text ? linesAt(code.nextSibling.data, 0) : undefined;
  const { line, endLine } = behind ?? {};
  const place: Place = wrapped(code, {
    ...written,
    ...(written.line === undefined && line !== undefined && { line }),
    ...(written.line === undefined && endLine !== undefined && { endLine }),
  });
  if (/\s/.test(written.path))
    place.inside = () => {
      place.element.replaceWith(...place.element.childNodes);
      return maybe(placesInText(code));
    };
  return [place];
}

/** What a command names may be made by it. */
function maybe(places: Place[]): Place[] {
  return places.map(place => ({ ...place, written: { ...place.written, sure: false } }));
}

function placesInText(root: Element): Place[] {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, node =>
    node instanceof Element && node.matches(passedOver) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
  );
  const texts: Text[] = [];
  while (walker.nextNode()) if (walker.currentNode instanceof Text) texts.push(walker.currentNode);
  return texts.flatMap(placesInNode);
}

function placesInNode(text: Text): Place[] {
  return pathsInText(text.data)
    .toReversed()
    .map(({ start, end, ...written }) => {
      const piece = text.splitText(start);
      piece.splitText(end - start);
      const place = element('span');
      piece.replaceWith(place);
      place.append(piece);
      return placeOf(place, written);
    })
    .toReversed();
}

/** Puts all that is in an element into a place. */
function wrapped<Written>(outer: HTMLElement, written: Written): { element: HTMLElement; written: Written } {
  const place = element('span');
  place.append(...outer.childNodes);
  outer.append(place);
  return placeOf(place, written);
}

function placeOf<Written>(place: HTMLElement, written: Written): { element: HTMLElement; written: Written } {
  place.classList.add('place');
  return { element: place, written };
}

function all<Found extends HTMLElement = HTMLElement>(block: Element, selector: string): Found[] {
  const found = [...block.querySelectorAll<Found>(selector)];
  return block.matches(selector) ? [block as Found, ...found] : found;
}
