// Damaged model files: whatever is cut off or changed, opening ends in success or in a named error, quickly.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { readModelConfig } from '../../../engine/model/config/config.ts';
import { HearthError } from '../../../engine/protocol/errors.ts';
import { ggufBytes } from '../../support/gguf_writer.ts';
import { fixturePath } from '../../support/golden.ts';
import { safetensorsBytes, writeModelDirectory } from '../../support/safetensors_writer.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

const temporary = temporaryDirectory();

/** Opens, reads the configuration and the ends of every tensor: undefined, or the code of the error. */
async function outcome(path: string): Promise<string | undefined> {
  try {
    const model = await openCheckpoint(path);
    try {
      readModelConfig(model);
      for (const tensor of model.tensors.values()) {
        const edge = new Uint8Array(Math.min(tensor.byteLength, 16));
        await model.read(tensor, 0, edge);
        await model.read(tensor, tensor.byteLength - edge.byteLength, edge);
      }
      return undefined;
    } finally {
      await model.close();
    }
  } catch (error) {
    if (error instanceof HearthError && error.code !== 'internal') return error.code;
    throw error;
  }
}

/** Small deterministic generator, so that a failing case can be named and run again. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Copies of `bytes` with a few bytes of its first `headBytes` changed. */
function* mutations(bytes: Uint8Array, headBytes: number, count: number): Generator<[string, Uint8Array]> {
  for (let seed = 1; seed <= count; seed++) {
    const next = random(seed);
    const copy = bytes.slice();
    const changes = 1 + next(3);
    for (let change = 0; change < changes; change++) {
      const extreme = [0, 1, 0x7f, 0x80, 0xff][next(5)]!;
      copy[next(headBytes)] = next(2) === 0 ? extreme : next(256);
    }
    yield [`seed ${seed}`, copy];
  }
}

const smallGguf = ggufBytes({
  metadata: {
    'general.architecture': 'qwen3next',
    text: 'abc',
    texts: ['a', 'bc'],
    numbers: [1, 2, 3],
    flag: true,
  },
  tensors: [
    { name: 'a', type: 'F32', shape: [4] },
    { name: 'b', type: 'Q8_0', shape: [2, 32] },
  ],
});
const smallSafetensors = safetensorsBytes([
  { name: 'a', dtype: 'F32', shape: [4] },
  { name: 'b', dtype: 'BF16', shape: [2, 2], elementBytes: 2 },
]);

describe('a GGUF file', () => {
  const path = join(temporary, 'damaged.gguf');
  const real = new Uint8Array(readFileSync(fixturePath('gguf_next', 'model.gguf')));

  test('cut at any byte is refused as a bad file', async () => {
    for (let length = 0; length < smallGguf.byteLength; length++) {
      writeFileSync(path, smallGguf.subarray(0, length));
      expect(await outcome(path), `cut at ${length}`).toBe('badCheckpoint');
    }
  });

  test('of real shape, cut in its header or its data, is refused as a bad file', async () => {
    for (let length = 0; length < real.byteLength; length += length < 12_000 ? 97 : 33_331) {
      writeFileSync(path, real.subarray(0, length));
      expect(await outcome(path), `cut at ${length}`).toBe('badCheckpoint');
    }
  });

  test('with changed bytes ends in success or a named error', async () => {
    const codes = new Set<string | undefined>();
    for (const [seed, bytes] of mutations(smallGguf, smallGguf.byteLength, 300)) {
      writeFileSync(path, bytes);
      codes.add(await outcome(path).catch(error => expect.fail(`${seed}: ${String(error)}`)));
    }
    for (const [seed, bytes] of mutations(real, 11_488, 300)) {
      writeFileSync(path, bytes);
      codes.add(await outcome(path).catch(error => expect.fail(`${seed}: ${String(error)}`)));
    }
    expect(codes).toContain(undefined);
    expect(codes).toContain('badCheckpoint');
  });

  test('of random bytes is refused, with and without the magic', async () => {
    for (let seed = 1; seed <= 50; seed++) {
      const next = random(seed);
      const bytes = Uint8Array.from({ length: 4096 }, () => next(256));
      if (seed % 2 === 0) bytes.set(new TextEncoder().encode('GGUF\x03\0\0\0'));
      if (seed % 4 === 0) bytes.set([4, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0], 8);
      writeFileSync(path, bytes);
      expect(await outcome(path)).toBe('badCheckpoint');
    }
  });
});

describe('a safetensors directory', () => {
  const config = readFileSync(fixturePath('default', 'config.json'), 'utf8');
  const real = new Uint8Array(readFileSync(fixturePath('default', 'model.safetensors')));
  const headBytes = 8 + Number(new DataView(real.buffer).getBigUint64(0, true));
  const directory = join(temporary, 'damaged');
  const weights = join(directory, 'model.safetensors');

  test('with weights cut at any byte is refused as a bad file', async () => {
    await writeModelDirectory(directory, { 'config.json': config });
    for (let length = 0; length < smallSafetensors.byteLength; length++) {
      writeFileSync(weights, smallSafetensors.subarray(0, length));
      expect(await outcome(directory), `cut at ${length}`).toBe('badCheckpoint');
    }
    for (let length = 0; length < real.byteLength; length += 44_443) {
      writeFileSync(weights, real.subarray(0, length));
      expect(await outcome(directory), `cut at ${length}`).toBe('badCheckpoint');
    }
  });

  test('with changed bytes in its weights ends in success or a named error', async () => {
    await writeModelDirectory(directory, { 'config.json': config });
    for (const [seed, bytes] of [
      ...mutations(smallSafetensors, smallSafetensors.byteLength, 300),
      ...mutations(real.subarray(0, headBytes + 64), headBytes, 50),
    ]) {
      writeFileSync(weights, bytes);
      await outcome(directory).catch(error => expect.fail(`${seed}: ${String(error)}`));
    }
  });

  test('with changed bytes in config.json ends in success or a named error', async () => {
    await writeModelDirectory(directory, { 'model.safetensors': real });
    const text = new TextEncoder().encode(config);
    for (const [seed, bytes] of mutations(text, text.byteLength, 300)) {
      writeFileSync(join(directory, 'config.json'), bytes);
      await outcome(directory).catch(error => expect.fail(`${seed}: ${String(error)}`));
    }
  });
});
