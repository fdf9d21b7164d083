// Any repository of the hub: a name goes in, its usable files come out. Everything that comes back is foreign text.
import { t } from '../../l10n.ts';
import type { LookUpView, ModelsAction } from '../../protocol.ts';
import { button, progressRing, textField } from '../controls.ts';
import { element, setText } from '../element.ts';
import { keyedList } from '../keyed_list.ts';
import { problemBox } from './problem.ts';
import { variantRow } from './variant.ts';

export interface LookUpPart {
  element: HTMLElement;
  update: (view: LookUpView) => void;
}

/** Makes the part. */
export function lookUpPart(act: (action: ModelsAction) => void): LookUpPart {
  let shown: LookUpView | undefined;
  const ask = (): void => {
    const reference = field.value.trim();
    if (reference !== '' && shown?.state !== 'asking') act({ kind: 'lookUp', reference });
  };
  const field = textField({
    label: t('Hugging Face repository'),
    placeholder: t('owner/name, or the address of its page'),
    onEnter: ask,
  });
  const list = button({ label: t('List files'), appearance: 'secondary', onClick: ask });
  const asking = element(
    'p',
    { class: 'asking note' },
    progressRing(),
    element('span', { text: t('Asking the hub') }),
  );
  const title = element('h4', { class: 'row-name' });
  const notes = element('ul', { class: 'facts' });
  const variants = element('div', { class: 'variants' });
  const showVariants = keyedList(
    variants,
    ({ label }: LookUpView['variants'][number]) => label,
    () =>
      variantRow({
        modelName: () => shown?.reference ?? '',
        isSuggested: () => false,
        onDownload: label => act({ kind: 'downloadFound', label }),
        onUse: modelId => act({ kind: 'use', modelId }),
      }),
  );
  const found = element(
    'div',
    { class: 'found', attributes: { 'data-testid': 'found' } },
    title,
    notes,
    variants,
  );
  const problem = element('div');
  return {
    element: element('div', {}, element('div', { class: 'look-up' }, field, list), asking, problem, found),
    update: view => {
      shown = view;
      asking.hidden = view.state !== 'asking';
      found.hidden = view.state !== 'found';
      setText(title, view.title);
      notes.replaceChildren(...view.notes.map(note => element('li', { text: note })));
      notes.hidden = view.notes.length === 0;
      showVariants(view.variants);
      problem.replaceChildren(
        ...(view.problem
          ? [
              problemBox(view.problem, [
                { label: t('Try again'), onClick: ask },
                ...(view.needsToken
                  ? [{ label: t('Set an access token…'), onClick: () => act({ kind: 'token' }) }]
                  : []),
              ]),
            ]
          : []),
      );
    },
  };
}
