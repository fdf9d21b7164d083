// How a path or a symbol of an answer looks: a link when there is such a one, marked when there is none but it can hardly be anything else,
// with the nearest real name to go to instead.
import { t } from '../l10n.ts';
import type { PathView, SymbolView } from '../protocol.ts';
import { element } from './element.ts';
import { count } from './format.ts';
import type { Place, SymbolPlace } from './path_places.ts';

/** Shows what the host found; may be called again with something else. */
export function showPlace({ element: place, written }: Place, view: PathView): void {
  const kind = view.kind === 'missing' && !written.sure ? 'unknown' : view.kind;
  const isLink = kind === 'file' || kind === 'folder';
  draw(place, {
    kind,
    link: isLink ? linkTitle(view, written.line) : undefined,
    missing: kind === 'missing' ? missingTitle(view.near) : undefined,
    near: view.near,
    nearIs: 'path',
  });
}

/** The same for a symbol; `marks`: the answer is about the workspace, so that a name that is missing there is marked. */
export function showSymbol({ element: place, written }: SymbolPlace, view: SymbolView, marks: boolean): void {
  const kind = view.kind === 'missing' && !(written.sure && marks) ? 'unknown' : view.kind;
  draw(place, {
    kind,
    link: kind === 'defined' ? symbolTitle(view) : undefined,
    missing: kind === 'missing' ? missingSymbolTitle(view.near) : undefined,
    near: view.near,
    nearIs: 'symbol',
  });
}

interface Look {
  kind: string;
  /** What the link says that it does, if it is one. */
  link: string | undefined;
  /** What is said of something that is missing. */
  missing: string | undefined;
  near: string | undefined;
  nearIs: 'path' | 'symbol';
}

function draw(place: HTMLElement, { kind, link, missing, near, nearIs }: Look): void {
  if (link !== undefined) {
    place.setAttribute('role', 'link');
    place.tabIndex = 0;
  } else {
    place.removeAttribute('role');
    place.removeAttribute('tabindex');
  }
  place.dataset['kind'] = kind;
  place.title = link ?? missing ?? place.dataset['info'] ?? '';
  place.querySelector('.spoken')?.remove();
  if (isElementAfter(place, 'place-near')) anchorOf(place).nextElementSibling?.remove();
  if (missing === undefined) return;
  place.append(element('span', { class: 'spoken', text: ` ${t('(not in the workspace)')}` }));
  if (near !== undefined) anchorOf(place).after(nearLink(near, nearIs));
}

function linkTitle({ path, name, count: files }: PathView, line: number | undefined): string {
  if (files !== undefined) return t('Choose among {0} files', count(files));
  return line === undefined ? t('Open {0}', name ?? path) : t('Open {0} at line {1}', name ?? path, line);
}

function symbolTitle({ name, place, count: places }: SymbolView): string {
  if (!place || places !== undefined)
    return t('Choose among {0} definitions of {1}', count(places ?? 0), name);
  return t('Open {0} at line {1}', place.path, place.line);
}

function missingSymbolTitle(near: string | undefined): string {
  return near === undefined
    ? t('There is no such name in the workspace.')
    : t('There is no such name in the workspace. Did the model mean {0}?', near);
}

function missingTitle(near: string | undefined): string {
  return near === undefined
    ? t('There is no such file in the workspace.')
    : t('There is no such file in the workspace. Did the model mean {0}?', near);
}

function nearLink(near: string, nearIs: Look['nearIs']): HTMLElement {
  const title = t('Did the model mean {0}?', near);
  return element('span', {
    class: 'place-near',
    text: near,
    attributes: {
      role: 'link',
      tabindex: '0',
      title,
      'aria-label': title,
      'data-near': near,
      'data-near-is': nearIs,
    },
  });
}

/** What the nearest name stands behind: the span of code, where the path is in one. */
function anchorOf(place: HTMLElement): HTMLElement {
  return place.closest('code') ?? place;
}

function isElementAfter(place: HTMLElement, name: string): boolean {
  return anchorOf(place).nextElementSibling?.classList.contains(name) ?? false;
}
