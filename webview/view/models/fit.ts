// Whether a model fits this machine: a word, a sentence, and predicted speed, and predicted memory behind a fold.
import { formatNumber, t } from '../../l10n.ts';
import type { FitView } from '../../protocol.ts';
import { element, setText } from '../element.ts';
import { byteCount, contextLength } from '../format.ts';

const verdicts: Record<FitView['verdict'], () => string> = {
  fits: () => t('Fits'),
  'fits-short-context': () => t('Fits with short context'),
  'does-not-fit': () => t('Does not fit'),
  unknown: () => t('Not known yet'),
};

export interface FitParts {
  /** The word. */
  badge: HTMLElement;
  /** The sentence and the fold. */
  details: HTMLElement;
  update: (fit: FitView | undefined) => void;
}

/** Makes the two parts. */
export function fitParts(): FitParts {
  const badge = element('span', { class: 'fit' });
  const why = element('p', { class: 'note fit-why' });
  const facts = element('ul', { class: 'facts' });
  const fold = element(
    'details',
    { class: 'prediction' },
    element('summary', { text: t('Predicted memory') }),
    facts,
  );
  const details = element('div', {}, why, fold);
  return {
    badge,
    details,
    update: fit => {
      badge.hidden = !fit;
      details.hidden = !fit;
      if (!fit) return;
      badge.dataset['verdict'] = fit.verdict;
      setText(badge, verdicts[fit.verdict]());
      setText(why, [fit.why, ...speedOf(fit), ...diskOf(fit)].join(' '));
      facts.replaceChildren(...factsOf(fit).map(fact => element('li', { text: fact })));
      fold.hidden = facts.childElementCount === 0;
    },
  };
}

function speedOf({ tokensPerSecond }: FitView): string[] {
  if (!tokensPerSecond) return [];
  return [
    t('Predicted: {0} to {1} tokens per second.', speed(tokensPerSecond.low), speed(tokensPerSecond.high)),
  ];
}

function diskOf({ diskFits }: FitView): string[] {
  return diskFits === false ? [t('There is not enough free disk for it.')] : [];
}

function factsOf({ memory, bytesPerToken, rough }: FitView): string[] {
  // Nothing is known of the size yet.
  if (bytesPerToken === 0) return [];
  return [
    ...memory.map(memoryFact),
    t('{0} read for each token', byteCount(bytesPerToken)),
    ...(rough ? [t('Some sizes behind these figures are estimates')] : []),
  ];
}

function memoryFact({ contextTokens, bytes, fits, yarn }: FitView['memory'][number]): string {
  const length = yarn ? `${contextLength(contextTokens)} (YaRN)` : contextLength(contextTokens);
  const takes = byteCount(bytes);
  return fits === false
    ? t('{0} with a context of {1}: does not fit', takes, length)
    : t('{0} with a context of {1}', takes, length);
}

function speed(tokensPerSecond: number): string {
  return formatNumber(tokensPerSecond, tokensPerSecond < 10 ? 1 : 0);
}
