// What the model saw of the workspace: files that open with a click, and files that did not fit.
import { plural, t } from '../l10n.ts';
import type { AssistantTurn, SourceView } from '../protocol.ts';
import { actionLink } from './controls.ts';
import { element } from './element.ts';
import { count } from './format.ts';

/** Sources shown before the list is folded; those the answer cites are always shown. */
const shownMax = 8;

export type LeftOut = Pick<AssistantTurn, 'leftOut' | 'leftOutMore'>;

/** Makes the list of sources; undefined when there are none. */
export function sourceList(
  sources: SourceView[],
  onOpen: (source: SourceView) => void,
): HTMLElement | undefined {
  if (sources.length === 0) return undefined;
  const { shown, folded } = foldSources(sources);
  const cited = sources.filter(source => source.cited).length;
  const total = plural(sources.length, t('1 source'), t('{0} sources', count(sources.length)));
  const title = cited > 0 ? t('{0}, {1} cited', total, count(cited)) : total;
  const list = foldable({ class: 'sources', title, open: true }, sourceItems(shown, onOpen));
  if (folded.length > 0) {
    const more = plural(folded.length, t('1 more source'), t('{0} more sources', count(folded.length)));
    list.append(foldable({ class: 'more-sources', title: more, open: false }, sourceItems(folded, onOpen)));
  }
  return list;
}

/** Makes the folded list of files the model did not see whole; undefined when there are none. */
export function leftOutList({ leftOut, leftOutMore }: LeftOut, title: string): HTMLElement | undefined {
  if (leftOut.length + leftOutMore === 0) return undefined;
  const items = leftOut.map(({ path, reason }) =>
    element(
      'li',
      {},
      element('span', { class: 'path', text: path }),
      element('span', { class: 'reason', text: reason }),
    ),
  );
  if (leftOutMore > 0)
    items.push(element('li', {}, element('span', { class: 'reason', text: moreFiles(leftOutMore) })));
  return foldable({ class: 'left-out', title, open: false }, element('ul', {}, ...items));
}

function moreFiles(files: number): string {
  return plural(files, t('and 1 more file'), t('and {0} more files', count(files)));
}

/** Cited sources first in sight; the rest only up to a short list. Order is kept. */
function foldSources(sources: SourceView[]): { shown: SourceView[]; folded: SourceView[] } {
  let room = Math.max(0, shownMax - sources.filter(source => source.cited).length);
  const shown: SourceView[] = [];
  const folded: SourceView[] = [];
  for (const source of sources) {
    if (source.cited || room-- > 0) shown.push(source);
    else folded.push(source);
  }
  return { shown, folded };
}

function sourceItems(sources: SourceView[], onOpen: (source: SourceView) => void): HTMLElement {
  return element('ul', {}, ...sources.map(source => sourceItem(source, onOpen)));
}

function sourceItem(source: SourceView, onOpen: (source: SourceView) => void): HTMLElement {
  const link = actionLink({
    text: source.label || `${source.path}:${source.startLine}-${source.endLine}`,
    title: t('Open {0} at line {1}', source.path, source.startLine),
    class: 'source',
    onClick: () => onOpen(source),
  });
  link.dataset['cited'] = String(source.cited);
  return element(
    'li',
    {},
    link,
    ...(source.cited ? [element('span', { class: 'cited', text: t('cited') })] : []),
    ...(source.seen ? [element('span', { class: 'seen', text: seenText(source.seen) })] : []),
  );
}

function seenText(seen: 'whole' | 'excerpt'): string {
  return seen === 'whole' ? t('seen whole') : t('seen in excerpts');
}

function foldable(
  options: { class: string; title: string; open: boolean },
  content: HTMLElement,
): HTMLDetailsElement {
  const details = element(
    'details',
    { class: options.class },
    element('summary', { text: options.title }),
    content,
  );
  details.open = options.open;
  return details;
}
