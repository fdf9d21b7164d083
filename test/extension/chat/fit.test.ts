import { expect, test } from 'vitest';
import { checkFit } from '../../../extension/chat/fit.ts';
import type { Gauge } from '../../../extension/context/gauge.ts';
import { readContent } from '../../../extension/context/read.ts';

const attached = [readContent('a.txt', 'aa').attachment, readContent('b.txt', 'bbb').attachment];
const what = { messages: [{ role: 'user', content: 'x' } as const], useWorkspace: false };
const gauge = (fits: boolean, asked: unknown[] = []): Gauge => ({
  measure: async measured => {
    asked.push(measured);
    return {
      promptTokens: 7000,
      wholePromptTokens: 7000,
      reservedTokens: 2048,
      freeTokens: -856,
      contextTokensMax: 8192,
      reusableTokens: 0,
      droppedMessages: 0,
      fits,
    };
  },
  tokensOf: text => text.length * 1000,
});

test('a question that fits, and one before a model is there, may be sent', async () => {
  const asked: unknown[] = [];
  await checkFit(what, attached, gauge(true, asked));
  await checkFit(what, attached, { ...gauge(false), measure: async () => undefined });
  expect(asked).toEqual([what]);
});

test('one that does not fit is refused: by how much, and what makes it so long', async () => {
  await expect(checkFit(what, attached, gauge(false))).rejects.toThrow(
    'The message is 856 tokens too long: the context has 8192, and 2048 are kept for the answer. The longest thing in it is b.txt with 3000 tokens.',
  );
  await expect(checkFit(what, [], gauge(false))).rejects.toMatchObject({
    message: 'The message is 856 tokens too long: the context has 8192, and 2048 are kept for the answer.',
    remedy: 'Shorten it, or put the text into a file of the workspace.',
  });
  await expect(checkFit({ ...what, useWorkspace: true }, [], gauge(false))).rejects.toMatchObject({
    remedy: 'Shorten it, or ask without the whole workspace.',
  });
});
