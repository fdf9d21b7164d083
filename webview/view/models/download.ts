// A model on its way: how far it is, how fast, how long it will take; pause, go on, give up; what went wrong and what helps.
import { t } from '../../l10n.ts';
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
  const pause = button({ label: t('Pause'), appearance: 'icon', icon: 'pause', onClick: withId('pause') });
  const resume = button({
    label: t('Continue'),
    appearance: 'icon',
    icon: 'resume',
    onClick: withId('resume'),
  });
  const cancel = button({ label: t('Cancel'), appearance: 'icon', icon: 'close', onClick: withId('cancel') });
  const use = button({
    label: t('Use'),
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
                { label: t('Try again'), onClick: withId('resume') },
                ...(view.needsToken
                  ? [{ label: t('Set an access token…'), onClick: () => act({ kind: 'token' }) }]
                  : []),
              ]),
            ]
          : []),
      );
      files.update(view.files);
      pause.hidden = phase !== 'running' && phase !== 'queued';
      resume.hidden = phase !== 'paused';
      use.hidden = view.modelId === undefined;
      renameButton(pause, t('Pause {0}', view.name));
      renameButton(resume, t('Continue {0}', view.name));
      renameButton(
        cancel,
        phase === 'done' ? t('Take {0} off this list', view.name) : t('Cancel {0}', view.name),
      );
      renameButton(use, t('Use {0}', view.name));
    },
  };
}

function showBar(bar: HTMLProgressElement, view: DownloadView): void {
  const { phase, bytesTotal, bytesDone, bytesVerified } = view;
  bar.hidden = phase === 'done' || phase === 'failed';
  bar.setAttribute(
    'aria-label',
    phase === 'verifying' ? t('{0} checked', view.name) : t('{0} fetched', view.name),
  );
  const done = phase === 'verifying' ? bytesVerified : bytesDone;
  // Without a value the bar shows that something is going on.
  if (bytesTotal > 0) bar.value = clampFraction(done / bytesTotal);
  else if (phase === 'paused') bar.value = 0;
  else bar.removeAttribute('value');
}

function statusOf(view: DownloadView): string {
  const { phase, kind, bytesTotal, bytesDone, bytesVerified, bytesPerSecond, secondsLeft } = view;
  const amount = bytesTotal > 0 ? t('{0} of {1}', byteCount(bytesDone), byteCount(bytesTotal)) : '';
  const parts = {
    queued: [t('Waiting for its turn'), amount],
    running: [
      bytesTotal > 0 ? amount : kind === 'import' ? t('Looking at the folder') : t('Asking the hub'),
      bytesPerSecond ? `${byteCount(bytesPerSecond)}/s` : '',
      secondsLeft === undefined ? '' : t('{0} left', timeSpan(secondsLeft)),
    ],
    paused: [t('Paused'), amount],
    verifying: [t('Checking the files, {0}', percent(bytesVerified / Math.max(1, bytesTotal)))],
    done: [t('Ready to use'), byteCount(bytesTotal)],
    failed: [t('Stopped'), amount],
  }[phase];
  return parts.filter(Boolean).join(' · ');
}
