// What the model page asks before it does something that cannot be taken back, and what it says of a check. Pure.
import { amount } from '../amount.ts';
import type { DownloadState, InstalledModel, VerifyResult } from '../types.ts';

/** A question with one way to agree. */
export interface Question {
  message: string;
  detail: string;
  agree: string;
}

/** Less than this is fetched again without a thought. */
const cancelFreelyBytes = 100e6;

/** Before a model goes. */
export function removeQuestion(model: InstalledModel, { inUse }: { inUse: boolean }): Question {
  const { name, bytes, managed } = model;
  const what = managed ? `${amount(bytes)} are freed.` : 'Its files stay where they are.';
  const then = inUse ? ' It is in use: Hearth goes back to the model that comes with it.' : '';
  return {
    message: managed ? `Delete ${name}?` : `Take ${name} off the list?`,
    detail: what + then,
    agree: managed ? 'Delete' : 'Take off the List',
  };
}

/** Before a download goes; undefined when nothing much is lost. */
export function cancelQuestion({ name, phase, bytesDone }: DownloadState): Question | undefined {
  if (phase === 'done' || bytesDone < cancelFreelyBytes) return undefined;
  return {
    message: `Give up ${name}?`,
    detail: `${amount(bytesDone)} have been fetched and would be removed. A pause keeps them.`,
    agree: 'Give Up and Remove',
  };
}

/** What a check of a model's files has found. */
export function checkText({ ok, problems, withoutHash }: VerifyResult): string {
  if (!ok) return problems.map(({ file, what }) => `${file}: ${what}`).join('; ');
  return withoutHash.length === 0
    ? 'Checked: every file is as it was published.'
    : 'Checked: the sizes are right. There is no published hash to compare with.';
}
