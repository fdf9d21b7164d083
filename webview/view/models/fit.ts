// Whether a model fits this machine: a word, a sentence, and predicted speed, and predicted memory behind a fold.
import type { FitView } from '../../protocol.ts';
import { element, setText } from '../element.ts';
import { byteCount, contextLength } from '../format.ts';

const verdicts: Record<FitView['verdict'], string> = {
  fits: 'Fits',
  'fits-short-context': 'Fits with short context',
  'does-not-fit': 'Does not fit',
  unknown: 'Not known yet',
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
    element('summary', { text: 'Predicted memory' }),
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
      setText(badge, verdicts[fit.verdict]);
      setText(why, [fit.why, ...speedOf(fit), ...diskOf(fit)].join(' '));
      facts.replaceChildren(...factsOf(fit).map(fact => element('li', { text: fact })));
      fold.hidden = facts.childElementCount === 0;
    },
  };
}

function speedOf({ tokensPerSecond }: FitView): string[] {
  if (!tokensPerSecond) return [];
  return [`Predicted: ${speed(tokensPerSecond.low)} to ${speed(tokensPerSecond.high)} tokens per second.`];
}

function diskOf({ diskFits }: FitView): string[] {
  return diskFits === false ? ['There is not enough free disk for it.'] : [];
}

function factsOf({ memory, bytesPerToken, rough }: FitView): string[] {
  // Nothing is known of the size yet.
  if (bytesPerToken === 0) return [];
  return [
    ...memory.map(
      ({ contextTokens, bytes, fits, yarn }) =>
        `${byteCount(bytes)} with ${contextLength(contextTokens)} of context${yarn ? ' (YaRN)' : ''}${fits === false ? ': does not fit' : ''}`,
    ),
    `${byteCount(bytesPerToken)} read for each token`,
    ...(rough ? ['Some sizes behind these figures are estimates'] : []),
  ];
}

function speed(tokensPerSecond: number): string {
  return tokensPerSecond < 10 ? tokensPerSecond.toFixed(1) : String(Math.round(tokensPerSecond));
}
