// How full the context is, as a ring; a press of it opens the figures.
import type { ContextMeter } from '../protocol.ts';
import { t } from '../l10n.ts';
import { element, setText } from './element.ts';
import { boundText, clampFraction, count } from './format.ts';

/** From here on the ring warns that the context is nearly full. */
const nearlyFullFraction = 0.85;
const svgNamespace = 'http://www.w3.org/2000/svg';

export interface ContextRing {
  element: HTMLButtonElement;
  /** `hover` is all that the panel has of figures. */
  update: (meter: ContextMeter, hover: string) => void;
}

/** Makes the button; `popoverId` names what it opens. */
export function contextRing(popoverId: string): ContextRing {
  const used = circle('ring-used');
  const picture = document.createElementNS(svgNamespace, 'svg');
  picture.setAttribute('viewBox', '0 0 16 16');
  picture.setAttribute('aria-hidden', 'true');
  picture.append(circle('ring-all'), used);
  const name = element('span', { class: 'spoken' });
  const box = element(
    'button',
    {
      class: 'context-ring',
      attributes: { type: 'button', popovertarget: popoverId, 'data-testid': 'context-meter' },
    },
    name,
  );
  box.append(picture);
  return {
    element: box,
    update: (meter, hover) => {
      const { usedTokens, maxTokens } = meter;
      const fraction = maxTokens > 0 ? clampFraction(usedTokens / maxTokens) : 0;
      used.setAttribute('stroke-dasharray', `${fraction * 100} 100`);
      box.dataset['level'] = fraction >= nearlyFullFraction ? 'high' : 'normal';
      box.title = hover;
      setText(name, maxTokens > 0 ? t('Figures: {0}', contextText(meter)) : t('Figures'));
    },
  };
}

/** "1,234 / 8,192 tokens". */
export function contextText({ usedTokens, maxTokens, bound }: ContextMeter): string {
  return bound?.by === 'machine'
    ? t('{0} / {1} tokens (automatic)', count(usedTokens), count(maxTokens))
    : t('{0} / {1} tokens', count(usedTokens), count(maxTokens));
}

/** The same as sentences, with the reason of a shorter context. */
export function contextSentences({ usedTokens, maxTokens, bound }: ContextMeter): string[] {
  if (maxTokens <= 0) return [];
  return [
    t('{0} of {1} context tokens are used by this chat.', count(usedTokens), count(maxTokens)),
    ...(bound ? [boundText(bound)] : []),
  ];
}

function circle(name: string): SVGCircleElement {
  const made = document.createElementNS(svgNamespace, 'circle');
  for (const [attribute, value] of Object.entries({
    class: name,
    cx: '8',
    cy: '8',
    r: '6',
    pathLength: '100',
  }))
    made.setAttribute(attribute, value);
  return made;
}
