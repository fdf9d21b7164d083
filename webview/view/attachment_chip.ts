// One thing that comes with a question, as a small box: what it is, how long it is, and a button that takes it away.
import { formatNumber, plural, t } from '../l10n.ts';
import type { AttachmentKind, AttachmentView } from '../protocol.ts';
import { element } from './element.ts';
import { icon, type IconName } from './icons.ts';

export interface ChipOptions {
  /** It comes by itself, and nobody has attached it. */
  implicit?: boolean;
  /** Shows where it comes from; absent where that is not to be had. */
  open?: () => void;
  /** Puts a pasted text back into the input. */
  toText?: () => void;
  remove?: () => void;
}

const icons: Record<AttachmentKind, IconName> = {
  file: 'document',
  folder: 'folder',
  symbol: 'symbol',
  selection: 'selection',
  problems: 'problem',
  changes: 'changes',
  terminal: 'terminal',
  paste: 'paste',
  picture: 'picture',
};

/** Makes the box. Delete and Backspace on it remove it, too. */
export function attachmentChip(view: AttachmentView, options: ChipOptions): HTMLElement {
  const { implicit = false, open, toText, remove } = options;
  const size = sizeOf(view);
  const main = element(
    'button',
    { class: 'chip-main', attributes: { type: 'button' } },
    icon(icons[view.kind]),
  );
  const short = shortLabel(view);
  main.append(element('span', { class: 'chip-label', text: short }));
  if (size) main.append(' ', element('span', { class: 'chip-size', text: size }));
  const remarks = [
    implicit ? t('The file in the editor comes along by itself.') : '',
    view.note ?? '',
    remove ? t('Delete removes it.') : '',
  ].filter(Boolean);
  main.title = [view.label, size, ...remarks].filter(Boolean).join('\n');
  // What is read out begins with what is seen, so that it can be named to a voice control.
  const seen = [short, size].filter(Boolean).join(' ');
  main.setAttribute(
    'aria-label',
    [seen, ...(short === view.label ? [] : [view.label]), ...remarks].join(', '),
  );
  main.addEventListener('click', () => open?.());
  const chip = element('div', { class: 'chip', attributes: { 'data-kind': view.kind } }, main);
  chip.classList.toggle('implicit', implicit);
  chip.classList.toggle('noted', view.note !== undefined);
  if (toText) chip.append(small(t('Put it into the input as text'), 'edit', toText));
  if (remove) {
    chip.append(small(t('Remove {0}', view.label), 'close', remove));
    chip.addEventListener('keydown', event => {
      if (event.key !== 'Delete' && event.key !== 'Backspace') return;
      event.preventDefault();
      remove();
    });
  }
  return chip;
}

function small(label: string, picture: IconName, onClick: () => void): HTMLElement {
  const made = element('button', {
    class: 'chip-button',
    attributes: { type: 'button', 'aria-label': label },
  });
  made.title = label;
  made.append(icon(picture));
  made.addEventListener('click', onClick);
  return made;
}

/** The end of a path says most. */
function shortLabel({ kind, label }: AttachmentView): string {
  const isPath = kind === 'file' || kind === 'selection' || kind === 'folder';
  return isPath ? (/[^/]+\/?$/.exec(label)?.[0] ?? label) : label;
}

function sizeOf({ tokens, estimated }: AttachmentView): string {
  if (tokens === undefined) return '';
  const number = formatNumber(tokens);
  return estimated
    ? plural(tokens, t('about 1 token'), t('about {0} tokens', number))
    : plural(tokens, t('1 token'), t('{0} tokens', number));
}
