// Snapshots of the embedded model on the device: each goes into any sequence, also by way of bytes on the host, of this model or the same
// one loaded again.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import type { StateSnapshot, TextPages } from '../../../engine/language_model/language_model.ts';
import { whole } from '../../../engine/language_model/whole.ts';
import { loadModel, type LoadedModel } from '../../../engine/model/load.ts';
import type { Qwen3NextSequence } from '../../../engine/model/sequence/sequence.ts';
import { embeddedModelPath } from '../../support/embedded_model.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';
import { fixturePath } from '../../support/golden.ts';

let gpu: Gpu;
let model: LoadedModel;
beforeAll(async () => {
  gpu = await openGpu();
  model = await load();
});
afterAll(() => {
  model.dispose();
  gpu.dispose();
});

async function load(contextTokensMax = 1024): Promise<LoadedModel> {
  const checkpoint = await openCheckpoint(embeddedModelPath);
  try {
    return await loadModel(gpu, checkpoint, { mtp: true, contextTokensMax });
  } finally {
    await checkpoint.close();
  }
}

const prompt = Array.from({ length: 60 }, (_, i) => (i * 37 + 11) % 8000);
/** Where the snapshots are taken. */
const at = 50;

async function sequenceAt(position: number): Promise<Qwen3NextSequence> {
  const sequence = await model.createSequence();
  await model.forward(sequence, prompt.slice(0, position), 'none');
  return sequence;
}

/** Everything that can be read from a sequence at `at`, bit by bit: drafts, their logits, and those of a batch. */
async function answers(sequence: Qwen3NextSequence, of = model) {
  const { drafts, picks, logits } = await of.step(sequence, 5, { drafts: 3, logits: true });
  sequence.takeBack(3);
  const batch = await of.forward(sequence, prompt.slice(0, 20), 'last');
  return { drafts, picks, bits: [logits!, batch].map(floats => [...new Uint32Array(floats.slice().buffer)]) };
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(pieces));
}

/** What the host has of a text with these snapshots. */
async function onHost(snapshots: readonly StateSnapshot[]) {
  const { format, count, positions, byteLength } = snapshots.at(-1)!.pages;
  const bytes: Uint8Array<ArrayBuffer>[] = [];
  for (let i = 0; i < count; i++) bytes.push(await snapshots.at(-1)!.pages.read(i));
  const pages: TextPages = {
    format,
    count,
    positions,
    byteLength,
    read: index => Promise.resolve(bytes[index]!),
  };
  const states: Uint8Array<ArrayBuffer>[] = [];
  for (const snapshot of snapshots) states.push(joined(await snapshot.read()));
  return { pages, states };
}

test('snapshots read to the host and written back give the very bits, in the same model loaded again', async () => {
  const sequence = await sequenceAt(at - 20);
  const earlier = (await sequence.takeSnapshot())!;
  const wantEarlier = await answers(sequence);
  sequence.restore(earlier);
  await model.forward(sequence, prompt.slice(at - 20, at), 'none');
  const taken = (await sequence.takeSnapshot())!;
  const want = await answers(sequence);
  const { pages, states } = await onHost([earlier, taken]);
  for (const one of [earlier, taken, sequence]) one.dispose();

  const again = await load();
  const before = gpu.buffers.liveBytes;
  const written = await whole(again.writeSnapshots(pages, states));
  expect(written.map(({ position }) => position)).toEqual([at - 20, at]);
  // The two share a page, and nothing else is held.
  expect(again.kvPages.usedCount).toBe(1);
  const other = await again.createSequence();
  await again.forward(other, [1, 2, 3, 4, 5], 'none');
  other.restore(written[1]!);
  expect(other.position).toBe(at);
  expect(await answers(other, again)).toEqual(want);
  other.restore(written[0]!);
  expect(await answers(other, again)).toEqual(wantEarlier);
  expect(await onHost(written)).toMatchObject({ states });
  for (const one of [...written, other]) one.dispose();
  expect(gpu.buffers.liveBytes).toBeLessThanOrEqual(before);
  again.dispose();
});

test('bytes that are no snapshot of this model are refused by name, and nothing stays', async () => {
  const sequence = await sequenceAt(at);
  const snapshot = (await sequence.takeSnapshot())!;
  const {
    pages,
    states: [bytes],
  } = await onHost([snapshot]);
  snapshot.dispose();
  sequence.dispose();
  const before = gpu.buffers.liveBytes;
  const refused = async (given: Uint8Array<ArrayBuffer>, of = pages): Promise<string> => {
    const error = await hearthErrorOf(async () => whole(model.writeSnapshots(of, [given])));
    expect(error.code).toBe('badSnapshot');
    return error.message;
  };
  const changed = (from: string, to: string): Uint8Array<ArrayBuffer> =>
    new Uint8Array(Buffer.from(Buffer.from(bytes!).toString('latin1').replace(from, to), 'latin1'));
  expect(await refused(new Uint8Array())).toContain('not a snapshot');
  expect(await refused(changed('snapshot1', 'snapshot2'))).toContain('not a snapshot');
  expect(await refused(bytes!.slice(0, 18))).toContain('header');
  expect(await refused(bytes!.slice(0, 40))).toContain('header');
  expect(await refused(changed('{"position"', '["position"'))).toContain('header');
  expect(await refused(changed('"position":50', '"position":-1'))).toContain('position');
  expect(await refused(changed('"position":50', '"position":"5'))).toContain('header');
  expect(await refused(changed('"position":50', '"position":[]'))).toContain('position');
  expect(await refused(changed('layer 0 tail', 'layer 9 tail'))).toContain('another shape');
  expect(await refused(bytes!.slice(0, -4))).toContain('bytes of state');
  expect(await refused(new Uint8Array(Buffer.concat([bytes!, Buffer.alloc(4)])))).toContain('bytes of state');
  expect(await refused(bytes!, { ...pages, format: 'f8' })).toContain('stored in a way');
  expect(await refused(bytes!, { ...pages, count: 2 })).toContain('2 pages');
  expect(await refused(bytes!, { ...pages, byteLength: pages.byteLength - 4 })).toContain('pages of');
  const short = await load(at - 1);
  const tooLong = await hearthErrorOf(async () => whole(short.writeSnapshots(pages, [bytes!])));
  expect(tooLong.message).toContain('position');
  short.dispose();
  expect(gpu.buffers.liveBytes).toBe(before);
});

test('a snapshot of another model is not restored', async () => {
  const sequence = await sequenceAt(at);
  const snapshot = (await sequence.takeSnapshot())!;
  const checkpoint = await openCheckpoint(fixturePath('tied_nonorm'));
  const stranger = await loadModel(gpu, checkpoint);
  await checkpoint.close();
  const strange = await stranger.createSequence();
  await stranger.forward(strange, prompt.map(id => id % 256).slice(0, at), 'none');
  expect(() => strange.restore(snapshot)).toThrow('of another model');
  for (const one of [snapshot, sequence, strange, stranger]) one.dispose();
});
