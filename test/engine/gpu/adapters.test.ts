// The choice among several GPUs: the software device and Dawn's Null backend stand for a machine with two.
import { describe, expect, test } from 'vitest';
import { adapterChoice, adapterNamed, adaptersIn } from '../../../engine/gpu/adapters.ts';
import { findAdapter, listAdapters } from '../../../engine/gpu/dawn.ts';
import { openGpu } from '../../../engine/gpu/device.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';

const both = { mode: 'release', backends: ['vulkan', 'null'] } as const;

test.each([
  ['', { kind: 'high-performance' }],
  ['  ', { kind: 'high-performance' }],
  ['Low-Power', { kind: 'low-power' }],
  [' Radeon ', { name: 'Radeon' }],
])('"%s" asks for %o', (wanted, choice) => {
  expect(adapterChoice(wanted)).toEqual(choice);
});

describe('a name', () => {
  const adapters = ['NVIDIA RTX 4090 D', 'NVIDIA RTX 4090', "AMD Radeon 780M (it's 'RADV')"].map(name => ({
    name,
    backend: 'vulkan',
  }));

  test('means the adapter that is called so, else the first that has it as a part', () => {
    expect(adapterNamed('nvidia rtx 4090', adapters).name).toBe('NVIDIA RTX 4090');
    expect(adapterNamed('4090', adapters).name).toBe('NVIDIA RTX 4090 D');
    expect(adapterNamed('radeon', adapters).name).toBe("AMD Radeon 780M (it's 'RADV')");
  });

  test('that no adapter has is an error that names those there are', async () => {
    const error = await hearthErrorOf(() => adapterNamed('Arc', adapters));
    expect(error.code).toBe('noAdapter');
    expect(error.message).toMatch(/"Arc".*NVIDIA RTX 4090 D, NVIDIA RTX 4090, AMD/);
    expect(error.remedy).toContain('hearth.gpu.adapter');
    expect((await hearthErrorOf(() => adapterNamed('Arc', []))).message).toMatch(/no other/);
  });

  test('is read from what Dawn says about a name that is not there', () => {
    const message = adapters.map(({ backend, name }) => ` * backend: '${backend}', name: '${name}'`);
    expect(adaptersIn(`Error: none\nAvailable adapters:\n${message.join('\n')}\n`)).toEqual(adapters);
    expect(adaptersIn('no adapters at all')).toEqual([]);
  });
});

describe('two GPUs', () => {
  test('are listed in the order in which they are looked for', async () => {
    const found = await listAdapters(both);
    expect(found.at(-1)).toEqual({ name: 'Null backend', backend: 'null' });
    expect(found.length).toBeGreaterThan(1);
    expect(found[0]?.backend).toBe('vulkan');
  });

  test('are chosen by their names, or the first where nothing is said', async () => {
    expect(await findAdapter(both, 'null')).toMatchObject({ backend: 'null' });
    const [first] = await listAdapters(both);
    expect(await findAdapter(both, first!.name.slice(2).toUpperCase())).toMatchObject({ backend: 'vulkan' });
    for (const wanted of ['', 'high-performance', 'low-power'])
      expect(await findAdapter(both, wanted)).toMatchObject({ backend: 'vulkan' });
  });
});

test('the device that is opened is the one that was asked for, with no more memory than was allowed', async () => {
  const [first] = await listAdapters({ mode: 'release' });
  const gpu = await openGpu({ adapter: first!.name, memoryBytesMax: 1000 });
  expect(gpu.facts.name).toContain(first!.name.slice(0, 8).toLowerCase());
  gpu.buffers.create('some', [200]);
  expect((await hearthErrorOf(() => gpu.buffers.create('more', [51]))).message).toContain('limit of 1000');
  gpu.dispose();
  expect((await hearthErrorOf(() => openGpu({ adapter: 'Voodoo 2' }))).message).toContain(first!.name);
});
