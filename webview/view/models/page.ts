// The model page: what is on its way, what is there, what may be fetched, and the other ways to a model.
import { t } from '../../l10n.ts';
import type { DownloadView, EngineView, ModelsAction, ModelsView } from '../../protocol.ts';
import { button, divider } from '../controls.ts';
import { element, renderOnDifference, setText } from '../element.ts';
import { keyedList } from '../keyed_list.ts';
import { catalogueRow } from './catalogue.ts';
import { downloadRow } from './download.ts';
import { installedRow, type InstalledRowView } from './installed.ts';
import { lookUpPart } from './look_up.ts';
import { problemBox } from './problem.ts';

export interface ModelsPage {
  element: HTMLElement;
  /** Hides the page where there is none to show. */
  update: (models: ModelsView | undefined, engine: EngineView) => void;
  focus: () => void;
}

/** Makes the page. */
export function modelsPage(act: (action: ModelsAction) => void): ModelsPage {
  const back = button({
    label: t('Back to the chat'),
    appearance: 'icon',
    icon: 'back',
    onClick: () => act({ kind: 'close' }),
  });
  const device = element('p', { class: 'note', attributes: { 'data-testid': 'device' } });
  const problem = element('div', { attributes: { role: 'alert' } });
  const lookUp = lookUpPart(act);
  const storage = element('span');
  const token = button({
    label: t('Set an access token…'),
    appearance: 'secondary',
    onClick: () => act({ kind: 'token' }),
  });
  const tokenNote = element('p', { class: 'note' });

  const downloads = rowList();
  const showDownloads = keyedList(
    downloads,
    ({ id }: DownloadView) => id,
    () => downloadRow(act),
  );
  const installed = rowList();
  const showInstalled = keyedList(
    installed,
    ({ model }: InstalledRowView) => model.id,
    () => installedRow(act),
  );
  const catalogue = rowList();
  const showCatalogue = keyedList(
    catalogue,
    ({ id }: ModelsView['catalogue'][number]) => id,
    () => catalogueRow(act),
  );
  const arriving = section(t('On its way'), downloads);
  const box = element(
    'main',
    { class: 'models', attributes: { 'data-testid': 'models', 'aria-label': t('Models') } },
    element('div', { class: 'models-title' }, back, element('h2', { text: t('Models') })),
    device,
    problem,
    arriving,
    section(t('On this machine'), installed),
    section(t('Get a model'), catalogue),
    section(t('Any Hugging Face repository'), lookUp.element),
    section(t('From a disk'), fromDisk(act)),
    section(t('Access token'), tokenNote, element('div', { class: 'button-line' }, token)),
    divider(),
    element(
      'p',
      { class: 'note storage' },
      storage,
      button({
        label: t('Change…'),
        name: t('Change the folder of models'),
        appearance: 'secondary',
        onClick: () => act({ kind: 'folderSetting' }),
      }),
    ),
  );
  box.hidden = true;
  box.addEventListener('keydown', event => {
    if (event.key !== 'Escape' || event.isComposing) return;
    // The page is what Escape closes; nothing outside it is to act on the key, too.
    event.stopPropagation();
    act({ kind: 'close' });
  });

  const showProblem = renderOnDifference((view: ModelsView['problem']) => {
    problem.replaceChildren(
      ...(view
        ? [problemBox(view, [{ label: t('Dismiss'), onClick: () => act({ kind: 'dismissProblem' }) }])]
        : []),
    );
  });
  const showLookUp = renderOnDifference(lookUp.update);
  return {
    element: box,
    focus: () => back.focus(),
    update: (models, engine) => {
      box.hidden = !models;
      if (!models) return;
      setText(device, models.device);
      showProblem(models.problem);
      arriving.hidden = models.downloads.length === 0;
      showDownloads(models.downloads);
      showInstalled(models.installed.map(model => (model.current ? { model, engine } : { model })));
      showCatalogue(models.catalogue);
      showLookUp(models.lookUp);
      setText(
        tokenNote,
        models.hasToken
          ? t('A token is kept in the editor’s secret storage. It is only sent to the hub.')
          : t(
              'Only repositories with a licence to accept need one. It is kept in the editor’s secret storage.',
            ),
      );
      setText(storage, models.storage);
    },
  };
}

function fromDisk(act: (action: ModelsAction) => void): HTMLElement {
  const ways = [
    { label: t('A file…'), name: t('Use a .gguf file on disk'), kind: 'addFile' },
    { label: t('A folder…'), name: t('Use a folder of safetensors on disk'), kind: 'addFolder' },
    { label: t('Import from a folder…'), name: t('Copy a model from a folder'), kind: 'importFolder' },
  ] as const;
  return element(
    'div',
    {},
    element('p', {
      class: 'note',
      text: t(
        'A file or folder is used where it is. An import is copied and checked, e.g. from a USB disk, and needs no network.',
      ),
    }),
    element(
      'div',
      { class: 'button-line' },
      ...ways.map(({ label, name, kind }) =>
        button({ label, name, appearance: 'secondary', onClick: () => act({ kind }) }),
      ),
    ),
  );
}

function section(title: string, ...content: HTMLElement[]): HTMLElement {
  return element('section', { class: 'models-section' }, element('h3', { text: title }), ...content);
}

function rowList(): HTMLElement {
  return element('div', { class: 'rows' });
}
