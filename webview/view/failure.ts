// A failure as the user sees it: what happened, what helps, and buttons that do it.
import { t } from '../l10n.ts';
import type { FailureView, PanelAction } from '../protocol.ts';
import { button } from './controls.ts';
import { element } from './element.ts';
import { icon } from './icons.ts';

const actionLabels: Record<PanelAction, () => string> = {
  retry: () => t('Try again'),
  openLog: () => t('Open log'),
  openSettings: () => t('Open settings'),
  chooseModel: () => t('Choose a model'),
  restartEngine: () => t('Restart the engine'),
  ingestWorkspace: () => t('Read the workspace again'),
  newChat: () => t('Start a new chat'),
};

/** Makes the box for one failure. */
export function failureBox(failure: FailureView, onAction: (action: PanelAction) => void): HTMLElement {
  const buttons = failure.actions.map((action, index) =>
    button({
      label: actionLabels[action](),
      appearance: index === 0 ? 'primary' : 'secondary',
      onClick: () => onAction(action),
    }),
  );
  return element(
    'div',
    { class: 'failure' },
    element('p', { class: 'failure-message' }, icon('warning'), element('span', { text: failure.message })),
    ...(failure.remedy ? [element('p', { class: 'failure-remedy', text: failure.remedy })] : []),
    ...(buttons.length > 0 ? [element('div', { class: 'failure-actions' }, ...buttons)] : []),
  );
}
