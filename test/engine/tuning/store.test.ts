// The kept choice of variants: read again only for what it was made for, and only when it is whole.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { TunedVariant } from '../../../engine/gpu/device.ts';
import { TuningStore } from '../../../engine/tuning/store.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

const variant: TunedVariant = {
  matmul: 'block',
  attention: 'prefill',
  batchHeldQuads: 16,
  fewAttention: 'team',
  fewHeldQuads: 8,
  groupsInFlight: 512,
  teamLanes: 8,
  subgroupSums: true,
  teamRows: 2,
  matvecLanes: 128,
  sharedRows: false,
  route: 'subgroup',
  staged: 'f32',
};

describe('the kept choice of variants', () => {
  test('is found again for the same device and model, and for no other', async () => {
    const store = new TuningStore(join(temporaryDirectory(), 'not', 'there', 'yet'));
    expect(await store.read('a')).toBeUndefined();
    await store.write('a', variant);
    expect(await store.read('a')).toEqual(variant);
    expect(await store.read('b')).toBeUndefined();
    await store.write('a', { ...variant, teamLanes: 16 });
    expect((await store.read('a'))?.teamLanes).toBe(16);
  });

  test.each([
    ['cut off', (text: string) => text.slice(0, 40)],
    ['of another version', (text: string) => text.replace('"version": 4', '"version": 99')],
    ['with a variant that does not exist', (text: string) => text.replace('"block"', '"magic"')],
    ['with a team of no lanes', (text: string) => text.replace('"teamLanes": 8', '"teamLanes": 0')],
    ['of another key under the same name', (text: string) => text.replace('"key": "a"', '"key": "z"')],
  ])('%s counts as not there', async (_, damage) => {
    const directory = temporaryDirectory();
    const store = new TuningStore(directory);
    await store.write('a', variant);
    const [name] = readdirSync(directory);
    const path = join(directory, name!);
    const text = readFileSync(path, 'utf8');
    expect(damage(text)).not.toBe(text);
    writeFileSync(path, damage(text));
    expect(await store.read('a')).toBeUndefined();
  });

  test('a folder that cannot be written is an error, and leaves no part of a file', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'file'), '');
    await expect(new TuningStore(join(directory, 'file')).write('a', variant)).rejects.toThrow();
    // A folder in the place of the file: the rename fails.
    const store = new TuningStore(directory);
    await store.write('a', variant);
    const name = readdirSync(directory).find(one => one.endsWith('.json'))!;
    const other = new TuningStore(join(directory, 'taken'));
    mkdirSync(join(directory, 'taken', name, 'in the way'), { recursive: true });
    await expect(other.write('a', variant)).rejects.toThrow();
    expect(readdirSync(join(directory, 'taken'))).toEqual([name]);
  });
});
