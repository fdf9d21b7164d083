import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSafetensors } from '../../../engine/checkpoint/safetensors.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';
import { fixturePath } from '../../support/golden.ts';
import { safetensorsBytes, safetensorsFile, writeModelDirectory } from '../../support/safetensors_writer.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

const temporary = temporaryDirectory();
let directories = 0;
const newDirectory = (files: Record<string, unknown>) =>
  writeModelDirectory(join(temporary, String(directories++)), files);
const openFile = async (bytes: Uint8Array) =>
  openSafetensors(await newDirectory({ 'model.safetensors': bytes }));
const refusalOf = async (bytes: Uint8Array) => {
  const error = await hearthErrorOf(() => openFile(bytes));
  expect(error.code).toBe('badCheckpoint');
  return error.message;
};
const bytesFrom = (first: number, count: number) => Uint8Array.from({ length: count }, (_, i) => first + i);

describe('one safetensors file', () => {
  test('a fixture lists its tensors with type, shape and length', async () => {
    const store = await openSafetensors(fixturePath('default'));
    expect(store.tensors.get('model.embed_tokens.weight')).toEqual({
      name: 'model.embed_tokens.weight',
      type: 'BF16',
      shape: [256, 64],
      byteLength: 256 * 64 * 2,
    });
    expect(store.tensors.has('__metadata__')).toBe(false);
    await store.close();
  });

  test('any range of a tensor is read from the right place', async () => {
    const store = await openFile(
      safetensorsBytes([
        { name: 'a', dtype: 'F16', shape: [3], data: bytesFrom(0, 6) },
        { name: 'b', dtype: 'F32', shape: [2, 2], data: bytesFrom(100, 16) },
      ]),
    );
    const into = new Uint8Array(5);
    await store.read(store.tensors.get('b')!, 3, into);
    expect(Array.from(into)).toEqual([103, 104, 105, 106, 107]);
    const last = new Uint8Array(1);
    await store.read(store.tensors.get('a')!, 5, last);
    expect(Array.from(last)).toEqual([5]);
    await store.close();
  });

  test('a range outside the tensor is refused, even where the file goes on', async () => {
    const store = await openFile(
      safetensorsBytes([
        { name: 'a', dtype: 'F32', shape: [1] },
        { name: 'b', dtype: 'F32', shape: [1] },
      ]),
    );
    const error = await hearthErrorOf(() => store.read(store.tensors.get('a')!, 2, new Uint8Array(4)));
    expect(error.message).toContain('lie outside "a"');
    await store.close();
  });

  test('a read after close is a named error, and closing twice is harmless', async () => {
    const store = await openFile(safetensorsBytes([{ name: 'a', dtype: 'F32', shape: [1] }]));
    await store.close();
    await store.close();
    const error = await hearthErrorOf(() => store.read(store.tensors.get('a')!, 0, new Uint8Array(4)));
    expect(error.code).toBe('fileUnreadable');
  });

  test('a file that shrinks while it is open gives a named error', async () => {
    const directory = await newDirectory({
      'model.safetensors': safetensorsBytes([{ name: 'a', dtype: 'F32', shape: [64] }]),
    });
    const store = await openSafetensors(directory);
    writeFileSync(join(directory, 'model.safetensors'), 'gone');
    const error = await hearthErrorOf(() => store.read(store.tensors.get('a')!, 0, new Uint8Array(256)));
    expect(error.code).toBe('badCheckpoint');
    await store.close();
  });

  test('a storage type that cannot be used is named', async () => {
    const message = await refusalOf(
      safetensorsBytes([{ name: 'w', dtype: 'F8_E5M2', shape: [4], elementBytes: 1 }]),
    );
    expect(message).toContain('"w" is stored as F8_E5M2');
  });

  test.each<[string, Uint8Array, string]>([
    ['a header longer than the file', safetensorsFile('{}', [], 1000n), 'header claims 1000 bytes'],
    ['a header of 2^63 bytes', safetensorsFile('{}', [], 2n ** 63n), 'header claims'],
    ['a header that is not JSON', safetensorsFile('{"a":'), 'header is not JSON'],
    ['a header that is a list', safetensorsFile('[]'), 'header is not a JSON object'],
    ['an entry that is null', safetensorsFile('{"a":null}'), 'unknown dtype'],
    ['an unknown dtype', safetensorsBytes([{ name: 'a', dtype: 'F31', shape: [1] }]), 'unknown dtype "F31"'],
    [
      'a shape that does not match the offsets',
      safetensorsBytes([{ name: 'a', dtype: 'F32', shape: [3], data: new Uint8Array(8) }]),
      'spans 8 bytes, but F32 [3] takes 12',
    ],
    [
      'a negative dimension',
      safetensorsFile('{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,0]}}'),
      'shape',
    ],
    [
      'a fractional dimension',
      safetensorsFile('{"a":{"dtype":"F32","shape":[0.5],"data_offsets":[0,2]}}'),
      'shape',
    ],
    ['missing offsets', safetensorsFile('{"a":{"dtype":"F32","shape":[1]}}'), 'data_offsets'],
    [
      'offsets that run backwards',
      safetensorsFile('{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}', [new Uint8Array(4)]),
      'spans -4 bytes',
    ],
    [
      'data past the end of the file',
      safetensorsBytes([{ name: 'a', dtype: 'F32', shape: [1], dataOffsets: [4, 8] }]),
      'ends after the file',
    ],
    [
      'tensors over each other',
      safetensorsBytes([
        { name: 'a', dtype: 'F32', shape: [4], dataOffsets: [0, 16] },
        { name: 'b', dtype: 'F32', shape: [4], dataOffsets: [8, 24] },
      ]),
      '"b" overlaps "a"',
    ],
  ])('%s is refused', async (_what, bytes, reason) => {
    expect(await refusalOf(bytes)).toContain(reason);
  });
});

describe('a model in several safetensors files', () => {
  const a = safetensorsBytes([{ name: 'a', dtype: 'F32', shape: [1], data: bytesFrom(10, 4) }]);
  const b = safetensorsBytes([
    { name: 'b', dtype: 'F32', shape: [1], data: bytesFrom(20, 4) },
    { name: 'unlisted', dtype: 'F32', shape: [1] },
  ]);
  const index = (map: unknown) => ({ 'model.safetensors.index.json': { metadata: {}, weight_map: map } });

  test('tensors are found in the file the index names, and unlisted ones are left out', async () => {
    const map = { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' };
    const store = await openSafetensors(await newDirectory({ [map.a]: a, [map.b]: b, ...index(map) }));
    expect([...store.tensors.keys()]).toEqual(['a', 'b']);
    const into = new Uint8Array(4);
    await store.read(store.tensors.get('b')!, 0, into);
    expect(Array.from(into)).toEqual([20, 21, 22, 23]);
    await store.close();
  });

  test.each([
    '../a.safetensors',
    '/etc/a.safetensors',
    'sub/a.safetensors',
    'sub\\a.safetensors',
    'c:a.safetensors',
    'a.bin',
    7,
  ])('an index that points to %j is refused', async file => {
    const directory = await newDirectory(index({ a: file }));
    const error = await hearthErrorOf(() => openSafetensors(directory));
    expect(error.code).toBe('badCheckpoint');
    expect(error.message).toContain('its weight_map places "a"');
  });

  test('an index without a map, or with an empty one, is refused', async () => {
    for (const map of [undefined, null, [], {}, 'x']) {
      const directory = await newDirectory(index(map));
      expect((await hearthErrorOf(() => openSafetensors(directory))).code).toBe('badCheckpoint');
    }
  });

  test('a tensor that its file does not have is named', async () => {
    const directory = await newDirectory({
      'x.safetensors': a,
      ...index({ a: 'x.safetensors', z: 'x.safetensors' }),
    });
    const error = await hearthErrorOf(() => openSafetensors(directory));
    expect(error.code).toBe('missingTensor');
    expect(error.message).toContain('"z"');
  });

  test('a missing file is named', async () => {
    const directory = await newDirectory(index({ a: 'x.safetensors' }));
    const error = await hearthErrorOf(() => openSafetensors(directory));
    expect(error.code).toBe('fileUnreadable');
    expect(error.message).toContain('x.safetensors');
  });
});
