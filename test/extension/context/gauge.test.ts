import { expect, test } from 'vitest';
import type { MeasureParams } from '../../../engine/protocol/measure.ts';
import { createGauge, type GaugeDeps } from '../../../extension/context/gauge.ts';
import { fakeMeasure } from '../../fakes/fake_engine.ts';

const question = { messages: [{ role: 'user', content: 'x' } as const] };

test('measures with the workspace that the process knows, and starts nothing', async () => {
  const asked: MeasureParams[] = [];
  let kind: GaugeDeps['engine']['state']['kind'] = 'ready';
  const client = {
    measureChat: async (params: MeasureParams) => (asked.push(params), fakeMeasure(params)),
    countTokens: async (texts: string[]) => texts.map(() => 3),
  };
  const { gauge, counts } = createGauge({
    engine: {
      get state() {
        return { kind };
      },
      whenReady: async () => (kind === 'ready' ? { client, process: 2 } : expect.fail('it is not ready')),
    },
    workspace: { knownTo: process => (process === 2 ? 'project' : undefined) },
  });
  expect(await gauge.measure({ ...question, useWorkspace: true })).toMatchObject({ fits: true });
  await gauge.measure({ ...question, useWorkspace: false });
  expect(asked.map(({ workspace }) => workspace)).toEqual(['project', undefined]);
  const counted = new Promise<void>(resolve => counts.onDidChange(resolve));
  expect(gauge.tokensOf('some text here')).toBe(4);
  await counted;
  expect(gauge.tokensOf('some text here')).toBe(3);
  kind = 'stopped';
  expect(await gauge.measure({ ...question, useWorkspace: true })).toBeUndefined();
});
