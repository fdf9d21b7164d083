// A model on its way: how far it is, how fast, how long it will take; pause, go on, give up; what went wrong and what helps.
import type { DownloadView, ModelsAction } from '../../protocol.ts';
import { button, renameButton } from '../controls.ts';
import { element, setText } from '../element.ts';
import { byteCount, clampFraction, percent, timeSpan } from '../format.ts';
import type { Row } from '../keyed_list.ts';
import { filesFold } from './files.ts';
import { problemBox } from './problem.ts';

/** Makes the row. */
export function downloadRow(act: (action: ModelsAction) => void): Row<DownloadView> {
  let shown: DownloadView | undefined;
  const withId = (kind: 'pause' | 'resume' | 'cancel') => () => shown && act({ kind, downloadId: shown.id });
  const name = element('h4', { class: 'row-name' });
  const origin = element('p', { class: 'note' });
  const bar = element('progress');
  const status = element('p', {
    class: 'note download-status',
    attributes: { 'data-testid': 'download-status' },
  });
  const notice = element('p', { class: 'note' });
  const problem = element('div');
  const files = filesFold();
  const pause = button({ label: 'Pause', appearance: 'icon', icon: 'pause', onClick: withId('pause') });
  const resume = button({ label: 'Continue', appearance: 'icon', icon: 'resume', onClick: withId('resume') });
  const cancel = button({ label: 'Cancel', appearance: 'icon', icon: 'close', onClick: withId('cancel') });
  const use = button({
    label: 'Use',
    appearance: 'primary',
    onClick: () => shown?.modelId !== undefined && act({ kind: 'use', modelId: shown.modelId }),
  });
  return {
    element: element(
      'article',
      { class: 'model-row', attributes: { 'data-testid': 'download' } },
      element(
        'div',
        { class: 'row-line' },
        name,
        element('span', { class: 'row-action' }, use, pause, resume, cancel),
      ),
      origin,
      bar,
      status,
      notice,
      problem,
      files.element,
    ),
    update: view => {
      shown = view;
      const { phase } = view;
      setText(name, view.name);
      setText(origin, view.origin);
      origin.hidden = view.origin === '';
      showBar(bar, view);
      setText(status, statusOf(view));
      setText(notice, view.notice ?? '');
      notice.hidden = !view.notice;
      problem.replaceChildren(
        ...(view.problem
          ? [
              problemBox(view.problem, [
                { label: 'Try again', onClick: withId('resume') },
                ...(view.needsToken
                  ? [{ label: 'Set an access token…', onClick: () => act({ kind: 'token' }) }]
                  : []),
              ]),
            ]
          : []),
      );
      files.update(view.files);
      pause.hidden = phase !== 'running' && phase !== 'queued';
      resume.hidden = phase !== 'paused';
      use.hidden = view.modelId === undefined;
      renameButton(pause, `Pause ${view.name}`);
      renameButton(resume, `Continue ${view.name}`);
      renameButton(cancel, phase === 'done' ? `Take ${view.name} off this list` : `Cancel ${view.name}`);
      renameButton(use, `Use ${view.name}`);
    },
  };
}

function showBar(bar: HTMLProgressElement, view: DownloadView): void {
  const { phase, bytesTotal, bytesDone, bytesVerified } = view;
  bar.hidden = phase === 'done' || phase === 'failed';
  bar.setAttribute('aria-label', phase === 'verifying' ? `${view.name} checked` : `${view.name} fetched`);
  const done = phase === 'verifying' ? bytesVerified : bytesDone;
  // Without a value the bar shows that something is going on.
  if (bytesTotal > 0) bar.value = clampFraction(done / bytesTotal);
  else if (phase === 'paused') bar.value = 0;
  else bar.removeAttribute('value');
}

function statusOf(view: DownloadView): string {
  const { phase, kind, bytesTotal, bytesDone, bytesVerified, bytesPerSecond, secondsLeft } = view;
  const amount = bytesTotal > 0 ? `${byteCount(bytesDone)} of ${byteCount(bytesTotal)}` : '';
  const parts = {
    queued: ['Waiting for its turn', amount],
    running: [
      bytesTotal > 0 ? amount : kind === 'import' ? 'Looking at the folder' : 'Asking the hub',
      bytesPerSecond ? `${byteCount(bytesPerSecond)}/s` : '',
      secondsLeft === undefined ? '' : `${timeSpan(secondsLeft)} left`,
    ],
    paused: ['Paused', amount],
    verifying: [`Checking the files, ${percent(bytesVerified / Math.max(1, bytesTotal))}`],
    done: ['Ready to use', byteCount(bytesTotal)],
    failed: ['Stopped', amount],
  }[phase];
  return parts.filter(Boolean).join(' · ');
}
