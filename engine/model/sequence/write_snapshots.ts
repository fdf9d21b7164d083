// Snapshots that lie on the host, brought back to the device: their keys and values into pages that they share, page by page, then each
// one's state.
import type { Gpu } from '../../gpu/device.ts';
import type { StateSnapshot, TextPages } from '../../language_model/language_model.ts';
import { errors, isDeviceMemoryLack } from '../../protocol/errors.ts';
import { phrase } from '../../protocol/phrase.ts';
import type { KvFormat } from '../../shared/architecture/kv_format.ts';
import { KeptPages } from './kv_caches.ts';
import type { KvPages, PageHolder } from './kv_pages.ts';
import { Qwen3NextSnapshot, type CheckedState, type SnapshotLayout } from './snapshot.ts';

/** See LanguageModel.writeSnapshots. */
export async function* writeSnapshots(
  { gpu, kvPages, layout }: { gpu: Gpu; kvPages: KvPages; layout: SnapshotLayout },
  pages: TextPages,
  states: readonly CheckedState[],
): AsyncGenerator<void, StateSnapshot[]> {
  const format = checkedFormat(kvPages, pages, states.at(-1)?.position ?? 0);
  const pagesFor = (position: number): number => Math.ceil(position / kvPages.positions(format));
  const holder: PageHolder = { pages: [], reach: 0 };
  const snapshots: StateSnapshot[] = [];
  let isWhole = false;
  try {
    await kvPages.open();
  } catch (error) {
    if (isDeviceMemoryLack(error)) return [];
    throw error;
  }
  kvPages.add(holder);
  try {
    await kvPages.extend(holder, pages.count);
    for (let i = 0; i < pages.count; i++) {
      const bytes = await pages.read(i);
      // The page may have another number by now.
      kvPages.writePage(holder.pages[i] as number, bytes);
      yield;
    }
    for (const state of states.toReversed()) {
      const kept = new KeptPages(
        kvPages,
        format,
        holder.pages.slice(0, pagesFor(state.position)),
        state.position,
      );
      const snapshot = await Qwen3NextSnapshot.from(gpu, layout, state, kept);
      if (!snapshot) break;
      snapshots.unshift(snapshot);
      yield;
    }
    isWhole = true;
  } catch (error) {
    if (!isDeviceMemoryLack(error)) throw error;
  } finally {
    if (!isWhole) for (const snapshot of snapshots.splice(0)) snapshot.dispose();
    kvPages.remove(holder);
    kvPages.close();
  }
  return snapshots;
}

/** The format of the pages of a text of so many positions. Throws badSnapshot when they are no pages of this model. */
function checkedFormat(
  kvPages: Pick<KvPages, 'plan' | 'pageBytes' | 'positions'>,
  pages: TextPages,
  position: number,
): KvFormat {
  const { plan, pageBytes } = kvPages;
  const format = [plan.short, plan.long].find(known => known === pages.format);
  if (!format)
    throw errors.badSnapshot(phrase`its keys and values are stored in a way that this model does not use`);
  const positions = kvPages.positions(format);
  const isWhole = pages.positions === positions && pages.count === Math.ceil(position / positions);
  if (pages.byteLength !== pageBytes || !isWhole)
    throw errors.badSnapshot(
      phrase`it has ${pages.count} pages of ${pages.byteLength} bytes, which do not fit its ${position} tokens`,
    );
  return format;
}
