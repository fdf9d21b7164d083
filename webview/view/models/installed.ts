// A model on this machine: use it, check its files, show them in the file manager, remove it.
import { t } from '../../l10n.ts';
import type { EngineView, InstalledView, ModelsAction } from '../../protocol.ts';
import { button, renameButton } from '../controls.ts';
import { element, setText } from '../element.ts';
import { boundText, byteCount, clampFraction, count, engineLabel } from '../format.ts';
import type { Row } from '../keyed_list.ts';
import { filesFold } from './files.ts';
import { fitParts } from './fit.ts';

/** An installed model, with the engine where it is the one in use. */
export interface InstalledRowView {
  model: InstalledView;
  engine?: EngineView;
}

/** Makes the row. */
export function installedRow(act: (action: ModelsAction) => void): Row<InstalledRowView> {
  let modelId = '';
  const name = element('h4', { class: 'row-name' });
  const state = element('span', { class: 'current-state', attributes: { 'data-testid': 'current-model' } });
  const note = element('p', { class: 'note' });
  const context = element('p', { class: 'note', attributes: { 'data-testid': 'model-context' } });
  const checking = element('progress', { attributes: { 'aria-label': t('Files checked') } });
  const checked = element('p', { class: 'checked' });
  const fit = fitParts();
  const files = filesFold();
  const use = button({
    label: t('Use'),
    appearance: 'secondary',
    onClick: () => act({ kind: 'use', modelId }),
  });
  const icons = {
    verify: button({
      label: t('Check the files'),
      appearance: 'icon',
      icon: 'verify',
      onClick: () => act({ kind: 'verify', modelId }),
    }),
    reveal: button({
      label: t('Show in the file manager'),
      appearance: 'icon',
      icon: 'folder',
      onClick: () => act({ kind: 'reveal', modelId }),
    }),
    remove: button({
      label: t('Remove'),
      appearance: 'icon',
      icon: 'remove',
      onClick: () => act({ kind: 'remove', modelId }),
    }),
  };
  const actions = element('span', { class: 'row-action' }, state, use, ...Object.values(icons));
  const box = element(
    'article',
    { class: 'model-row', attributes: { 'data-testid': 'installed-model' } },
    element('div', { class: 'row-line' }, name, fit.badge, actions),
    note,
    context,
    checking,
    checked,
    fit.details,
    files.element,
  );
  return {
    element: box,
    update: ({ model, engine }) => {
      modelId = model.id;
      box.dataset['current'] = String(model.current);
      setText(name, model.name);
      setText(note, `${model.origin} · ${byteCount(model.bytes)}`);
      state.hidden = !model.current;
      setText(state, engine ? currentState(engine) : '');
      context.hidden = !model.context;
      if (model.context)
        setText(
          context,
          `${t('Context: {0} tokens.', count(model.context.tokens))} ${boundText(model.context.bound)}`,
        );
      // One that could not be loaded can be tried again, with what is known of the machine by now.
      use.hidden = model.current && engine?.state !== 'failed';
      renameButton(use, t('Use {0}', model.name));
      renameButton(icons.verify, t('Check the files of {0}', model.name));
      renameButton(icons.reveal, t('Show {0} in the file manager', model.name));
      renameButton(
        icons.remove,
        model.removal === 'delete' ? t('Delete: {0}', model.name) : t('Take off the list: {0}', model.name),
      );
      icons.remove.hidden = model.removal === 'none';
      icons.verify.disabled = model.verifying !== undefined;
      checking.hidden = !model.verifying;
      if (model.verifying)
        checking.value = clampFraction(model.verifying.bytesDone / Math.max(1, model.verifying.bytesTotal));
      checked.hidden = !model.checked || model.verifying !== undefined;
      checked.dataset['ok'] = String(model.checked?.ok ?? true);
      setText(checked, model.checked?.text ?? '');
      // What is in use has shown that it fits.
      const advice = engine?.state === 'ready' ? undefined : model.fit;
      fit.update(advice);
      files.update(model.files);
    },
  };
}

function currentState(engine: EngineView): string {
  return engine.state === 'ready' ? t('In use') : engineLabel(engine);
}
