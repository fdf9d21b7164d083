import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Downloads } from '../../../../extension/models/transfer/downloads.ts';
import type { Plan } from '../../../../extension/models/transfer/plan.ts';
import { ModelStore } from '../../../../extension/models/transfer/store.ts';
import type { TransferTools } from '../../../../extension/models/transfer/transfer.ts';
import { temporaryDirectory } from '../../../support/temporary_directory.ts';

const plan = (id: string): Plan => ({
  version: 1,
  id,
  kind: 'import',
  name: id,
  source: `/nowhere/${id}`,
  createdAt: '2026-01-01T00:00:00.000Z',
  files: [],
});

function openDownloads() {
  const store = new ModelStore(join(temporaryDirectory(), 'models'), () => undefined);
  const downloads = new Downloads(() => ({ store }) as TransferTools, {
    changed: () => undefined,
    installed: async () => undefined,
  });
  return { store, downloads, ids: () => downloads.states.map(({ id }) => id) };
}

test('what is added while the plans on the disk are being read stays in the list', async () => {
  const { downloads, ids } = openDownloads();
  await downloads.adoptPlans(async () => {
    await downloads.add(plan('running'));
    await downloads.add(plan('queued'));
    return [];
  });
  expect(ids()).toEqual(['running', 'queued']);
});

test('what is cancelled while the plans on the disk are being read does not come back', async () => {
  const { store, downloads, ids } = openDownloads();
  await store.savePlan(plan('old'));
  await downloads.adoptPlans(() => store.plans());
  expect(ids()).toEqual(['old']);
  await downloads.adoptPlans(async () => {
    const plans = await store.plans();
    await downloads.cancel('old');
    return plans;
  });
  expect(ids()).toEqual([]);
});
