// What exactly a model is made of, behind a fold: commit, licence, and every file with its hash. Foreign text.
import { t } from '../../l10n.ts';
import type { FilesView } from '../../protocol.ts';
import { element, renderOnDifference } from '../element.ts';
import { byteCount } from '../format.ts';

export interface FilesFold {
  element: HTMLElement;
  update: (view: FilesView | undefined) => void;
}

/** Makes the fold; hidden while there is nothing to show. */
export function filesFold(): FilesFold {
  const facts = element('ul', { class: 'facts files' });
  const fold = element(
    'details',
    { class: 'files-fold', attributes: { 'data-testid': 'files' } },
    element('summary', { text: t('Files and hashes') }),
    facts,
  );
  return {
    element: fold,
    // Drawn only when something has changed, so that a hash stays selected.
    update: renderOnDifference(view => {
      fold.hidden = !view;
      facts.replaceChildren(...(view ? lines(view) : []));
    }),
  };
}

function lines({ revision, licence, files }: FilesView): HTMLElement[] {
  return [
    ...(revision === undefined ? [] : [line(t('Commit'), revision)]),
    element('li', { text: licence === undefined ? t('No licence is named') : t('Licence: {0}', licence) }),
    ...files.map(({ name, bytes, sha256 }) =>
      sha256 === undefined
        ? element('li', { text: t('{0}, {1}, no published SHA-256', name, byteCount(bytes)) })
        : line(`${name}, ${byteCount(bytes)}, SHA-256`, sha256),
    ),
  ];
}

function line(text: string, hex: string): HTMLElement {
  return element('li', {}, element('span', { text: `${text} ` }), element('code', { text: hex }));
}
