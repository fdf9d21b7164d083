// Snapshots of the embedded model on the device: each goes into any sequence that has read the same, also by way of bytes on the host.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { loadModel, type LoadedModel } from '../../../engine/model/load.ts';
import type { Qwen3NextSequence } from '../../../engine/model/sequence/sequence.ts';
import { embeddedModelPath } from '../../support/embedded_model.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';
import { fixturePath } from '../../support/golden.ts';

let gpu: Gpu;
let model: LoadedModel;
beforeAll(async () => {
  gpu = await openGpu();
  const checkpoint = await openCheckpoint(embeddedModelPath);
  model = await loadModel(gpu, checkpoint, { mtp: true, contextTokensMax: 1024 });
  await checkpoint.close();
});
afterAll(() => {
  model.dispose();
  gpu.dispose();
});

const prompt = Array.from({ length: 60 }, (_, i) => (i * 37 + 11) % 8000);
/** Where the snapshots are taken. */
const at = 50;

async function sequenceAt(position: number): Promise<Qwen3NextSequence> {
  const sequence = await model.createSequence();
  await model.forward(sequence, prompt.slice(0, position), 'none');
  return sequence;
}

/** Everything that can be read from a sequence at `at`, bit by bit: drafts, their logits, and those of a batch. */
async function answers(sequence: Qwen3NextSequence) {
  const { drafts, picks, logits } = await model.step(sequence, 5, { drafts: 3, logits: true });
  sequence.takeBack(3);
  const batch = await model.forward(sequence, prompt.slice(0, 20), 'last');
  return { drafts, picks, bits: [logits!, batch].map(floats => [...new Uint32Array(floats.slice().buffer)]) };
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(pieces));
}

test('a snapshot read to the host and written back gives the very bits in another sequence', async () => {
  const sequence = await sequenceAt(at);
  const taken = (await sequence.takeSnapshot())!;
  const want = await answers(sequence);
  const bytes = joined(await taken.read());
  taken.dispose();
  sequence.dispose();

  const before = gpu.buffers.liveBytes;
  const written = (await model.writeSnapshot(bytes))!;
  expect(written.position).toBe(at);
  expect(gpu.buffers.liveBytes - before).toBe(written.byteLength);
  // It has read the same up to there, and other ids behind.
  const other = await sequenceAt(at);
  await model.forward(other, [1, 2, 3, 4, 5], 'none');
  other.restore(written);
  expect(other.position).toBe(at);
  expect(await answers(other)).toEqual(want);
  expect(joined(await written.read())).toEqual(bytes);
  written.dispose();
  other.dispose();
});

test('in another sequence the MTP block catches up first, and drafts are the same', async () => {
  const sequence = await sequenceAt(at);
  const snapshot = (await sequence.takeSnapshot())!;
  const want = await answers(sequence);
  const other = await sequenceAt(at - 4);
  // Single tokens, which the MTP block has not read yet.
  for (let i = at - 4; i < at + 2; i++) await model.forward(other, [prompt[i] as number], 'none');
  expect(other.mtpRows).toBeLessThan(at - 1);
  const bare = (await model.writeSnapshot(joined(await snapshot.read())))!;
  other.restore(bare);
  bare.dispose();
  const { keys } = other.mtp!;
  const written = await other.kvRows(keys, { first: 0, count: at - 1 });
  const rowWords = written.length / (at - 1);
  for (let row = 0; row < at - 1; row++)
    expect(written.subarray(row * rowWords, (row + 1) * rowWords), `row ${row}`).not.toEqual(
      new Uint32Array(rowWords),
    );
  expect((await answers(other)).drafts).toEqual(want.drafts);
  for (const one of [snapshot, sequence, other]) one.dispose();
});

test('bytes that are no snapshot of this model are refused by name, and nothing stays', async () => {
  const sequence = await sequenceAt(at);
  const snapshot = (await sequence.takeSnapshot())!;
  const bytes = joined(await snapshot.read());
  snapshot.dispose();
  sequence.dispose();
  const before = gpu.buffers.liveBytes;
  const refused = async (given: Uint8Array<ArrayBuffer>): Promise<string> => {
    const error = await hearthErrorOf(() => model.writeSnapshot(given));
    expect(error.code).toBe('badSnapshot');
    return error.message;
  };
  const changed = (from: string, to: string): Uint8Array<ArrayBuffer> =>
    new Uint8Array(Buffer.from(Buffer.from(bytes).toString('latin1').replace(from, to), 'latin1'));
  expect(await refused(new Uint8Array())).toContain('not a snapshot');
  expect(await refused(changed('snapshot1', 'snapshot2'))).toContain('not a snapshot');
  expect(await refused(bytes.slice(0, 18))).toContain('header');
  expect(await refused(bytes.slice(0, 40))).toContain('header');
  expect(await refused(changed('{"position"', '["position"'))).toContain('header');
  expect(await refused(changed('"position":50', '"position":-1'))).toContain('position');
  expect(await refused(changed('"position":50', '"position":"5'))).toContain('header');
  expect(await refused(changed('"position":50', '"position":[]'))).toContain('position');
  expect(await refused(changed('layer 0 tail', 'layer 9 tail'))).toContain('another shape');
  expect(await refused(bytes.slice(0, -4))).toContain('bytes of state');
  expect(await refused(new Uint8Array(Buffer.concat([bytes, Buffer.alloc(4)])))).toContain('bytes of state');
  const checkpoint = await openCheckpoint(embeddedModelPath);
  const short = await loadModel(gpu, checkpoint, { mtp: true, contextTokensMax: at - 1 });
  await checkpoint.close();
  expect((await hearthErrorOf(() => short.writeSnapshot(bytes))).message).toContain('position');
  short.dispose();
  expect(gpu.buffers.liveBytes).toBe(before);
});

test('a snapshot of another model, or without keys beyond what a sequence has read, is not restored', async () => {
  const sequence = await sequenceAt(at);
  const snapshot = (await sequence.takeSnapshot())!;
  const behind = await sequenceAt(at - 1);
  const bare = (await model.writeSnapshot(joined(await snapshot.read())))!;
  expect(() => behind.restore(bare)).toThrow('beyond the KV cache');
  bare.dispose();
  const checkpoint = await openCheckpoint(fixturePath('tied_nonorm'));
  const stranger = await loadModel(gpu, checkpoint);
  await checkpoint.close();
  const strange = await stranger.createSequence();
  await stranger.forward(strange, prompt.map(id => id % 256).slice(0, at), 'none');
  expect(() => strange.restore(snapshot)).toThrow('of another model');
  for (const one of [snapshot, sequence, behind, strange, stranger]) one.dispose();
});
