import { expect, test } from 'vitest';
import { comparisonReport, compareResults } from '../../../scripts/bench/compare.mjs';
import { ratios } from '../../../scripts/bench/ratios.mjs';
import { report, sameDevice } from '../../../scripts/bench/report.mjs';
import { round, table } from '../../../scripts/bench/table.mjs';

const rates = (prefill: number, decode: number, wide = 0.02) => ({
  prefill_tps: prefill,
  prefill_tps_range: [prefill * (1 - wide), prefill * (1 + wide)],
  decode_tps: decode,
  decode_tps_range: [decode * (1 - wide), decode * (1 + wide)],
});
const engine = (prefill: number, decode: number) => ({
  ...rates(prefill, decode),
  device: 'llvmpipe: Mesa',
  ttft_ms: 700,
  dispatches_per_token: 100,
  submissions_per_token: 0.6,
  waits_per_token: 0.5,
  idle_waits_per_token: 0,
  host_encode_us_per_token: 550,
  bytes_per_token: 35e6,
});
const peers = {
  webgpu: { peer: 'llama.cpp WebGPU 1', device: 'llvmpipe: other words', ...rates(10, 2) },
  vulkan: { failed: 'took longer than 60 minutes' },
  cpu: { peer: 'node-llama-cpp 3', device: 'CPU', ...rates(1000, 250) },
};
const work = { prefill: 128, decode: 16, context: 0 };
const results = (prefill: number, decode: number) => ({
  device: 'llvmpipe: Mesa',
  machine: { cpu: 'a CPU', cores: 2, node: '24' },
  core: null,
  correctness: { passed: true, golden: [], worst_logit_error: 1e-5 },
  models: [
    {
      name: 'small q8_0',
      work,
      engine: engine(prefill, decode),
      peers,
      ratios: ratios(engine(prefill, decode), peers),
    },
  ],
});

test('ratios are our speed over the peer’s, for every peer that was measured', () => {
  expect(ratios(engine(100, 20), peers)).toEqual({
    prefill_vs_webgpu: 10,
    decode_vs_webgpu: 10,
    prefill_vs_cpu: 0.1,
    decode_vs_cpu: 0.08,
  });
});

test('the report names every peer, and why one has no figures', () => {
  const text = report(results(100, 20));
  expect(text).toMatch(/\| llama\.cpp, WebGPU: llama\.cpp WebGPU 1 +\| 10 .*\| 10 × +\| 10 × +\|/);
  expect(text).toMatch(/\| llama\.cpp, Vulkan +\| not measured +\| not measured/);
  expect(text).toContain('llama.cpp, Vulkan: not measured, took longer than 60 minutes');
  expect(text).toContain('known answers reached');
  expect(text).toContain('5.50 µs of host time each');
});

test('a peer on another device is said to be', () => {
  const other = results(100, 20);
  other.models[0]!.peers = { ...peers, webgpu: { ...peers.webgpu, device: 'Radeon' } };
  expect(report(other)).toContain('llama.cpp, WebGPU: calls its device "Radeon"');
  expect(sameDevice('llvmpipe (LLVM 15.0.6, 256 bits)', 'llvmpipe: Mesa 25')).toBe(true);
  expect(sameDevice('NVIDIA GeForce', 'llvmpipe')).toBe(false);
});

test('a change counts only when it is larger than the runs differ among themselves', () => {
  const verdicts = (prefill: number, decode: number) =>
    compareResults(results(100, 20), results(prefill, decode))
      .filter(({ figure }) => figure.endsWith('_tps'))
      .map(({ verdict }) => verdict);
  expect(verdicts(101, 20.5)).toEqual(['within the runs', 'within the runs']);
  expect(verdicts(130, 15)).toEqual(['faster', 'slower']);
});

test('a comparison holds ratios too and leaves out other work', () => {
  const now = results(200, 20);
  expect(compareResults(results(100, 20), now)).toContainEqual({
    model: 'small q8_0',
    figure: 'prefill_vs_webgpu',
    before: 10,
    now: 20,
    change: 1,
    verdict: '',
  });
  now.models[0]!.work = { ...work, prefill: 512 };
  expect(comparisonReport(results(100, 20), now)).toBe(
    'The saved results have no model and work in common with these.',
  );
  expect(comparisonReport({ ...results(1, 1), device: 'Radeon' }, results(1, 1))).toContain(
    'of another device: Radeon',
  );
});

test('tables line up, with numbers to the right', () => {
  expect(
    table(
      ['name', 'speed'],
      [
        ['a', 1234.5],
        ['long name', 0.0123],
      ],
    ),
  ).toBe(
    [
      '| name      |  speed |',
      '| --------- | -----: |',
      '| a         |   1235 |',
      '| long name | 0.0123 |',
    ].join('\n'),
  );
  expect([123.4, 12.34, 1.234, 3, 0.5].map(round)).toEqual(['123', '12.3', '1.23', '3', '0.50']);
});
