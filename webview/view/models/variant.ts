// One download of a model: storage type, size, whether it fits, and the button that gets or uses it.
import { t } from '../../l10n.ts';
import type { VariantView } from '../../protocol.ts';
import { button, renameButton } from '../controls.ts';
import { element, setText } from '../element.ts';
import { byteCount } from '../format.ts';
import type { Row } from '../keyed_list.ts';
import { filesFold } from './files.ts';
import { fitParts } from './fit.ts';

const states: Record<VariantView['state'], () => string> = {
  available: () => '',
  arriving: () => t('On its way'),
  installed: () => '',
  current: () => t('In use'),
  unusable: () => t('Not usable'),
};

export interface VariantActions {
  /** Name of the model, for those who only hear the button. */
  modelName: () => string;
  /** The one to take when in doubt. */
  isSuggested: () => boolean;
  onDownload: (label: string) => void;
  onUse: (modelId: string) => void;
}

/** Makes the line. */
export function variantRow({ modelName, isSuggested, onDownload, onUse }: VariantActions): Row<VariantView> {
  let shown: VariantView | undefined;
  const label = element('span', { class: 'variant-label' });
  const size = element('span', { class: 'note' });
  const fit = fitParts();
  const files = filesFold();
  const state = element('span', { class: 'note variant-state' });
  const download = button({
    label: t('Download'),
    appearance: 'secondary',
    icon: 'download',
    onClick: () => shown && onDownload(shown.label),
  });
  const use = button({
    label: t('Use'),
    appearance: 'primary',
    onClick: () => shown?.modelId !== undefined && onUse(shown.modelId),
  });
  const action = element('span', { class: 'row-action' }, state, download, use);
  return {
    element: element(
      'div',
      { class: 'variant', attributes: { 'data-testid': 'variant' } },
      element('div', { class: 'row-line' }, label, size, fit.badge, action),
      fit.details,
      files.element,
    ),
    update: view => {
      shown = view;
      const name = `${modelName()} ${view.label}`;
      setText(label, view.label);
      setText(size, sizeOf(view));
      fit.update(view.fit);
      files.update(view.files);
      setText(state, states[view.state]());
      state.hidden = !state.textContent;
      // What does not fit can still be fetched, e.g. for another machine.
      download.hidden = view.state !== 'available';
      download.setAttribute('appearance', isSuggested() ? 'primary' : 'secondary');
      renameButton(download, t('Download {0}', name));
      use.hidden = view.state !== 'installed';
      renameButton(use, t('Use {0}', name));
    },
  };
}

function sizeOf({ bytes, bytesKnown }: VariantView): string {
  if (bytes === 0) return '';
  return bytesKnown ? byteCount(bytes) : t('about {0}', byteCount(bytes));
}
