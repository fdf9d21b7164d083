// What the state of a text depends on beside its ids and the weights: the device and its program, the model's shape, and how state is
// laid out. Bits that were computed under another key are not those that this model would compute.
import type { Gpu } from '../gpu/device.ts';
import type { KvPlan } from '../shared/architecture/kv_format.ts';
import type { ModelConfig } from './config/config_types.ts';
import type { KvPages } from './sequence/kv_pages.ts';
import type { SnapshotLayout } from './sequence/snapshot.ts';
import { matricesOf, type ModelWeights } from './weights/weights.ts';

interface Keyed {
  gpu: Pick<Gpu, 'facts' | 'variant'>;
  config: ModelConfig;
  weights: ModelWeights;
  kvPlan: KvPlan;
  kvPages: Pick<KvPages, 'layout' | 'words'>;
}

/** The same text for the same state. */
export function stateKey(
  { gpu, config, weights, kvPlan, kvPages }: Keyed,
  snapshotLayout: SnapshotLayout,
): string {
  const { name, driver, vendor, architecture, backend, software } = gpu.facts;
  return JSON.stringify({
    device: { name, driver, vendor, architecture, backend, software },
    variant: gpu.variant,
    config,
    formats: matricesOf(weights).map(({ format }) => format),
    keys: { plan: kvPlan, layout: kvPages.layout, words: kvPages.words },
    state: snapshotLayout,
  });
}
