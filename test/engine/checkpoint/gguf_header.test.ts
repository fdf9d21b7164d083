// Our reader of GGUF headers against Hugging Face's, on real files and on made-up ones.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gguf } from '@huggingface/gguf';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readGgufHeader, type GgufHeader } from '../../../engine/checkpoint/gguf_header.ts';
import { RangedFile } from '../../../engine/checkpoint/ranged_file.ts';
import { embeddedModelPath } from '../../support/embedded_model.ts';
import { ggufBytes } from '../../support/gguf_writer.ts';
import { fixturePath } from '../../support/golden.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

const path = join(temporaryDirectory(), 'made.gguf');

async function ours(file: string): Promise<GgufHeader> {
  const opened = await RangedFile.open(file);
  try {
    return await readGgufHeader(opened);
  } finally {
    await opened.close();
  }
}

/** In our form: no keys of the library's own, 64-bit integers as numbers, shapes outermost first. */
async function theirs(file: string): Promise<GgufHeader> {
  const bytes = new Uint8Array(readFileSync(file));
  const fromMemory = async (_url: unknown, request?: RequestInit) => {
    const [first = 0, last = 0] = (new Headers(request?.headers).get('range') ?? '').match(/\d+/g) ?? [];
    return new Response(bytes.slice(Number(first), Number(last) + 1));
  };
  const { metadata, tensorInfos, tensorInfoByteRange } = await gguf('https://gguf.invalid/x', {
    fetch: fromMemory,
  });
  const plain = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(plain) : typeof value === 'bigint' ? Number(value) : value;
  const added = new Set(['version', 'tensor_count', 'kv_count']);
  const entries = Object.entries(metadata as object).filter(([key]) => !added.has(key));
  return {
    metadata: Object.fromEntries(entries.map(([key, value]) => [key, plain(value)])),
    tensors: tensorInfos.map(({ name, shape, dtype, offset }) => ({
      name,
      shape: shape.map(Number).reverse(),
      type: dtype,
      offset: Number(offset),
    })),
    headerBytes: tensorInfoByteRange[1],
  };
}

test.each([
  ...['gguf_next', 'gguf_35moe', 'gguf_legacy', 'gguf_q4km'].map(name => fixturePath(name, 'model.gguf')),
  embeddedModelPath,
])('%s is read as by the library', async file => {
  expect(await ours(file)).toEqual(await theirs(file));
});

test('metadata of every type, with texts of any characters, is read as by the library', async () => {
  const of = (type: string, values: fc.Arbitrary<number | bigint | boolean>) => {
    const one = values.map(value => ({ type, value }));
    return fc.oneof(one, fc.array(one, { minLength: 1, maxLength: 5 }));
  };
  const text = fc.string({ unit: 'grapheme', maxLength: 20 });
  const value = fc.oneof(
    ...[8, 16, 32].flatMap(bits => [
      of(`u${bits}`, fc.nat(2 ** bits - 1)),
      of(`i${bits}`, fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 })),
    ]),
    of('u64', fc.bigInt(0n, 2n ** 53n - 1n)),
    of('i64', fc.bigInt(-(2n ** 53n) + 1n, 2n ** 53n - 1n)),
    of('f32', fc.float()),
    of('f64', fc.double()),
    of('bool', fc.boolean()),
    text,
    fc.array(text, { minLength: 1, maxLength: 5 }),
  );
  const key = fc.string({ minLength: 1, maxLength: 12 }).filter(name => name !== '__proto__');
  await fc.assert(
    fc.asyncProperty(fc.dictionary(key, value, { noNullPrototype: true }), async metadata => {
      writeFileSync(path, ggufBytes({ metadata, tensors: [{ name: 'w', type: 'F32', shape: [2, 3] }] }));
      expect(await ours(path)).toEqual(await theirs(path));
    }),
    { numRuns: 200 },
  );
});

test('whole numbers that no double holds stay exact', async () => {
  writeFileSync(path, ggufBytes({ metadata: { a: 2n ** 64n - 1n, b: [2n ** 53n, 1n] }, tensors: [] }));
  expect((await ours(path)).metadata).toEqual({ a: 2n ** 64n - 1n, b: [2n ** 53n, 1] });
});
