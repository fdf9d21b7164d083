// What the model page asks before it does something that cannot be undone. Pure.
import { t } from '../../l10n.ts';
import { formatBytes } from '../format_bytes.ts';
import type { InstalledModel } from '../installed_model.ts';
import type { DownloadState } from '../transfer/downloads.ts';
import type { Question } from './dialogs.ts';

/** A download with fewer bytes than this is cancelled without a question. */
const cancelFreelyBytes = 100e6;

/** Before a model is deleted or taken off the list. */
export function removeQuestion(model: InstalledModel, { inUse }: { inUse: boolean }): Question {
  const { name, bytes, managed } = model;
  const what = managed ? t('{0} are freed.', formatBytes(bytes)) : t('Its files stay where they are.');
  const then = inUse ? [t('It is in use: Hearth goes back to the model that comes with it.')] : [];
  return {
    message: managed ? t('Delete {0}?', name) : t('Take {0} off the list?', name),
    detail: [what, ...then].join(' '),
    agree: managed ? t('Delete') : t('Take off the List'),
  };
}

/** Before a download is cancelled; undefined when too little would be lost to ask. */
export function cancelQuestion({ name, phase, bytesDone }: DownloadState): Question | undefined {
  if (phase === 'done' || bytesDone < cancelFreelyBytes) return undefined;
  return {
    message: t('Give up {0}?', name),
    detail: t('{0} have been fetched and would be removed. A pause keeps them.', formatBytes(bytesDone)),
    agree: t('Give Up and Remove'),
  };
}
