import { expect, test } from 'vitest';
import { readOptions } from '../../../scripts/bench/options.mjs';

test('without options the embedded and the small model are measured, without peers', () => {
  const options = readOptions([]);
  expect(options.models).toEqual(['embedded', 'small']);
  expect(options.types).toEqual(['q8_0']);
  expect(options.peers).toEqual([]);
  expect(options.work).toMatchObject({ prefill: 512, decode: 64, context: 0, runs: 5, core: undefined });
});

test('peers are all of them or those named, on the small model, with fewer tokens', () => {
  expect(readOptions(['--peer'])).toMatchObject({
    models: ['small'],
    peers: ['webgpu', 'vulkan', 'cpu', 'torch'],
    work: { decode: 16, runs: 3 },
  });
  expect(readOptions(['--peers', 'cpu,webgpu', '--core', '1'])).toMatchObject({
    peers: ['cpu', 'webgpu'],
    work: { core: 1 },
  });
});

test('a path of a model is kept whole, names are not taken for paths', () => {
  const [name, path] = readOptions(['--model', 'mid,some/file.gguf']).models;
  expect(name).toBe('mid');
  expect(path).toMatch(/^\/.*some\/file\.gguf$/);
});

test('against another build the embedded model is measured in ten pairs, one timed run a process', () => {
  expect(readOptions(['--against', '/old'])).toMatchObject({
    against: '/old',
    pairs: 10,
    models: ['embedded'],
    work: { prefill: 512, decode: 64, runs: 1 },
  });
});

test.each([
  [['--against', '/old', '--growth'], /--against and --growth are two kinds/],
  [['--pairs', '0'], /--pairs takes a whole number from 1/],
  [['--peers', 'cuda'], /--peers takes some of webgpu.*"cuda"/],
  [['--types', 'q3'], /--types takes some of q8_0.*"q3"/],
  [['--types', ''], /--types takes some of/],
  [['--prefill', '0'], /--prefill takes a whole number from 1, not "0"/],
  [['--core', 'first'], /--core takes a whole number from 0, not "first"/],
  [['--longest', '100'], /--longest takes a whole number from 1024/],
  [['--fast'], /--fast/],
])('%j is an error that says what is allowed', (args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});
