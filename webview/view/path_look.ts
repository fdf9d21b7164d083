// How a path of an answer looks: a link when there is such a file, marked when there is none but it can hardly be anything else, with the
// nearest real name to go to instead.
import { t } from '../l10n.ts';
import type { PathView } from '../protocol.ts';
import { element } from './element.ts';
import { count } from './format.ts';
import type { Place } from './path_places.ts';

/** Shows what the host found; may be called again with something else. */
export function showPlace({ element: place, written }: Place, view: PathView): void {
  const kind = view.kind === 'missing' && !written.sure ? 'unknown' : view.kind;
  const isLink = kind === 'file' || kind === 'folder';
  if (isLink) {
    place.setAttribute('role', 'link');
    place.tabIndex = 0;
  } else {
    place.removeAttribute('role');
    place.removeAttribute('tabindex');
  }
  place.dataset['kind'] = kind;
  place.title = isLink
    ? linkTitle(view, written.line)
    : kind === 'missing'
      ? missingTitle(view.near)
      : (place.dataset['info'] ?? '');
  place.querySelector('.spoken')?.remove();
  if (isElementAfter(place, 'place-near')) anchorOf(place).nextElementSibling?.remove();
  if (kind !== 'missing') return;
  place.append(element('span', { class: 'spoken', text: ` ${t('(not in the workspace)')}` }));
  if (view.near !== undefined) anchorOf(place).after(nearLink(view.near));
}

function linkTitle({ path, name, count: files }: PathView, line: number | undefined): string {
  if (files !== undefined) return t('Choose among {0} files', count(files));
  return line === undefined ? t('Open {0}', name ?? path) : t('Open {0} at line {1}', name ?? path, line);
}

function missingTitle(near: string | undefined): string {
  return near === undefined
    ? t('There is no such file in the workspace.')
    : t('There is no such file in the workspace. Did the model mean {0}?', near);
}

function nearLink(near: string): HTMLElement {
  const title = t('Did the model mean {0}?', near);
  return element('span', {
    class: 'place-near',
    text: near,
    attributes: { role: 'link', tabindex: '0', title, 'aria-label': title, 'data-near': near },
  });
}

/** What the nearest name stands behind: the span of code, where the path is in one. */
function anchorOf(place: HTMLElement): HTMLElement {
  return place.closest('code') ?? place;
}

function isElementAfter(place: HTMLElement, name: string): boolean {
  return anchorOf(place).nextElementSibling?.classList.contains(name) ?? false;
}
