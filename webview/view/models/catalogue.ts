// A model of the catalogue: what it is good at, the variant to take, and the other sizes behind a fold.
import { plural, t } from '../../l10n.ts';
import type { CatalogueView, ModelsAction } from '../../protocol.ts';
import { badge } from '../controls.ts';
import { element, setText } from '../element.ts';
import { contextLength } from '../format.ts';
import { keyedList, type Row } from '../keyed_list.ts';
import { variantRow } from './variant.ts';

/** Makes the row. */
export function catalogueRow(act: (action: ModelsAction) => void): Row<CatalogueView> {
  let shown: CatalogueView | undefined;
  const actions = (suggested: boolean) => ({
    modelName: () => shown?.name ?? '',
    isSuggested: () => suggested && shown?.recommended === true,
    onDownload: (label: string) => shown && act({ kind: 'download', entryId: shown.id, label }),
    onUse: (modelId: string) => act({ kind: 'use', modelId }),
  });
  const name = element('h4', { class: 'row-name' });
  const recommended = badge(t('suggested for this machine'));
  const description = element('p');
  const facts = element('p', { class: 'note' });
  const main = variantRow(actions(true));
  const summary = element('summary');
  const list = element('div', { class: 'variants' });
  const others = element('details', { class: 'other-sizes' }, summary, list);
  const showOthers = keyedList(
    list,
    ({ label }: CatalogueView['variants'][number]) => label,
    () => variantRow(actions(false)),
  );
  return {
    element: element(
      'article',
      { class: 'model-row', attributes: { 'data-testid': 'catalogue-model' } },
      element('div', { class: 'row-line' }, name, recommended),
      description,
      facts,
      main.element,
      others,
    ),
    update: view => {
      shown = view;
      setText(name, view.name);
      recommended.hidden = !view.recommended;
      setText(description, view.description);
      setText(facts, factsOf(view));
      const offered = view.variants.find(({ label }) => label === view.offered) ?? view.variants[0];
      if (offered) main.update(offered);
      const rest = view.variants.filter(variant => variant !== offered);
      showOthers(rest);
      others.hidden = rest.length === 0;
      setText(summary, plural(rest.length, t('1 other size'), t('{0} other sizes', rest.length)));
    },
  };
}

function factsOf(view: CatalogueView): string {
  const { goodAt, contextTokens, contextTokensMax, textOnly, licence, repository } = view;
  return [
    goodAt.join(', '),
    contextTokensMax
      ? t('{0}, up to {1} with YaRN', contextLength(contextTokens), contextLength(contextTokensMax))
      : contextLength(contextTokens),
    ...(textOnly ? [t('text part only')] : []),
    licence,
    repository,
  ].join(' · ');
}
