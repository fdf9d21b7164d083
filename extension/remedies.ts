// What helps against which error: the one table behind the buttons of failed answers, of a failed engine and of
// notifications.
import type { HearthErrorName } from '../engine/protocol/errors.ts';
import type { PanelAction } from '../webview/protocol.ts';
import { t } from './l10n.ts';

const anotherModel: PanelAction[] = ['chooseModel', 'openLog'];
const restart: PanelAction[] = ['restartEngine', 'openLog'];

/** The most helpful action first. For an error that is not named here, only the log can tell more. */
const remedies: Partial<Record<HearthErrorName, PanelAction[]>> = {
  noModel: anotherModel,
  fileUnreadable: anotherModel,
  badCheckpoint: anotherModel,
  unsupportedArchitecture: anotherModel,
  missingTensor: anotherModel,
  badWeights: anotherModel,
  badTokenizer: anotherModel,
  limitTooSmall: anotherModel,
  outOfDeviceMemory: ['chooseModel', 'openSettings', 'openLog'],
  contextFull: ['newChat', 'openSettings'],
  noAdapter: ['openSettings', 'restartEngine', 'openLog'],
  noRuntime: ['openSettings', 'restartEngine', 'openLog'],
  loadCancelled: ['restartEngine', 'chooseModel'],
  engineExited: restart,
  engineGaveUp: restart,
  engineHung: restart,
  deviceLost: restart,
};

/** A button of a notification: a click on it runs a command. */
export interface NotificationButton {
  title: string;
  command: string;
}
/** The button of a notification about settings. */
export function settingsButton(): NotificationButton {
  return { title: t('Open Settings'), command: 'hearth.openSettings' };
}

/** The actions that make sense outside the chat. */
const notificationButtons: Partial<Record<PanelAction, () => NotificationButton>> = {
  chooseModel: () => ({ title: t('Choose Model'), command: 'hearth.chooseModel' }),
  openSettings: settingsButton,
  restartEngine: () => ({ title: t('Restart Engine'), command: 'hearth.restartEngine' }),
  openLog: () => ({ title: t('Show Log'), command: 'hearth.showLog' }),
};

/** The buttons of an engine that has failed with this error; a restart is worth a try where nothing better is known. */
export function engineActions(code: HearthErrorName): PanelAction[] {
  return remedies[code] ?? restart;
}

/** The buttons of an answer that has failed with this error: asking again comes first wherever it may help. */
export function answerActions(code: HearthErrorName): PanelAction[] {
  if (code === 'contextFull') return engineActions(code);
  // Asking again starts an engine that has ended, so a restart needs no button of its own.
  return ['retry', ...engineActions(code).filter(action => action !== 'restartEngine')];
}

/** The buttons of a notification of this error; the log is always the last one. */
export function notificationActions(code: HearthErrorName): NotificationButton[] {
  const actions = (remedies[code] ?? []).filter(action => action !== 'openLog');
  return [...actions, 'openLog' as const].flatMap(action => notificationButtons[action]?.() ?? []);
}
