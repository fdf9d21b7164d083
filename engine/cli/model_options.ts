// The options of commands that load a model, and of those that let it write.
import { errors } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';
import { limits } from '../protocol/limits.ts';
import type { Options } from './args.ts';
import { deviceChoice, deviceOptions } from './device_options.ts';
import type { ModelLoading } from './with_model.ts';

export const loadingOptions = ['model', 'context-max', 'yarn', 'quantize', ...deviceOptions];
const samplingOptions = [
  'temperature',
  'top-k',
  'top-p',
  'min-p',
  'repetition-penalty',
  'presence-penalty',
  'seed',
];
/** Beside `stop`, which may be given several times. */
export const generationOptions = [
  ...loadingOptions,
  ...samplingOptions,
  'draft',
  'max-tokens',
  'thinking-tokens',
];

/** How a model writes. Throws badUsage for values out of range. */
export function generation(o: Options) {
  return {
    ...drafts(o),
    model: o.required('model'),
    load: loading(o),
    maxTokens: o.optionalNumber('max-tokens', { min: 1 }),
    thinkingTokens: o.optionalNumber('thinking-tokens'),
    stats: o.flag('stats'),
    sampling: {
      temperature: o.number('temperature', 0, { integer: false }),
      topK: o.optionalNumber('top-k'),
      topP: o.optionalNumber('top-p', { max: 1, integer: false }),
      minP: o.optionalNumber('min-p', { max: 1, integer: false }),
      repetitionPenalty: o.optionalNumber('repetition-penalty', { min: 0.01, max: 10, integer: false }),
      presencePenalty: o.optionalNumber('presence-penalty', { min: -10, max: 10, integer: false }),
      seed: o.optionalNumber('seed'),
    },
    stop: stopTexts(o),
  };
}

function stopTexts(o: Options): string[] {
  const texts = o.list('stop');
  if (texts.length > limits.stopTextsMax)
    throw errors.badUsage(phrase`--stop can be given ${limits.stopTextsMax} times, not ${texts.length}.`);
  if (texts.some(text => text === '' || text.length > limits.stopTextCharsMax))
    throw errors.badUsage(phrase`--stop takes a text of 1 to ${limits.stopTextCharsMax} characters.`);
  return texts;
}

/** How a model is loaded. */
export function loading(o: Options): ModelLoading {
  const quantize = o.optional('quantize');
  if (quantize !== undefined && !Object.hasOwn(roundedTypes, quantize))
    throw errors.badUsage(phrase`--quantize must be q8 or q4, not "${quantize}".`);
  return {
    contextTokensMax: o.number('context-max', 0),
    yarnFactor: o.optionalNumber('yarn', { min: 1, max: limits.yarnFactorMax, integer: false }),
    quantize: roundedTypes[quantize as keyof typeof roundedTypes],
    device: deviceChoice(o),
  };
}
const roundedTypes = { q8: 'Q8_0', q4: 'Q4_0' } as const;

/** --draft K as an option of what is run: nothing when it was not given. */
export function drafts(o: Options): { drafts?: number } {
  const count = o.optionalNumber('draft');
  return count === undefined ? {} : { drafts: count };
}
