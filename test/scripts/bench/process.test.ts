import { expect, test } from 'vitest';
import { worstLogitError } from '../../../scripts/bench/correctness.mjs';
import { measure, tellCpu } from '../../../scripts/bench/process.mjs';

const node = (code: string, options = {}) => measure('test', process.execPath, ['-e', code], options);

test('the last line of a measuring process is its value, whatever it printed before', async () => {
  expect(await node('console.log("warming up"); console.log(JSON.stringify({ tps: 3 }))')).toEqual({
    value: { tps: 3 },
  });
});

test('a Node.js program tells what it took of the processors, too', async () => {
  const code = 'const end = performance.now() + 50; while (performance.now() < end); console.log(1)';
  const { value, cpuMs } = await measure('test', process.execPath, [...tellCpu, '-e', code]);
  expect(value).toBe(1);
  expect(cpuMs).toBeGreaterThan(10);
});

test.each([
  ['ends with an error', 'console.error("no device"); process.exit(3)', /ended with 3: no device/],
  ['prints no figures', 'console.log("hello")', /printed no figures: hello/],
  ['says nothing', '', /it said nothing/],
  ['kills itself', 'process.kill(process.pid, "SIGKILL")', /ended with SIGKILL/],
])('a process that %s gives its reason', async (_, code, reason) => {
  expect((await node(code)).failed).toMatch(reason);
});

test('a process that does not end is ended', async () => {
  const { failed } = await node('setInterval(() => {}, 1000)', { limitMinutes: 0.005 });
  expect(failed).toBe('took longer than 0.005 minutes');
});

test('a program that is not there gives its reason', async () => {
  expect((await measure('test', '/nowhere/python', [])).failed).toMatch(/ENOENT/);
});

test('pinned to a core, every thread pool has one thread', async () => {
  const { value } = await node('console.log(JSON.stringify(process.env.LP_NUM_THREADS))', {
    core: 0,
    pin: false,
  });
  expect(value).toBe('1');
});

test('the error of logits is the largest difference, and NaN is the worst of all', () => {
  const golden = { ids: [1, 2], rows: [{ position: 1, ids: [0, 2], logits: [5, 7] }] };
  expect(worstLogitError(golden, Float32Array.of(0, 0, 0, 5, 0, 6.5))).toBe(0.5);
  expect(worstLogitError(golden, Float32Array.of(0, 0, 0, 5, 0, NaN))).toBe(Infinity);
  expect(worstLogitError(golden, Float32Array.of(0, 0, 0, 5, 0, 7))).toBe(0);
});
