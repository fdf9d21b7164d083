// The self-check as a whole: what passes is kept and not looked at again, a variant that computes wrongly gives way and the choice that was
// kept is replaced, a device that is wrong with every variant is told by its name.
import { readdirSync } from 'node:fs';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { embeddedModel, type KnownModel } from '../../../engine/check/known_logits.ts';
import { PassedChecks } from '../../../engine/check/passed.ts';
import { SelfCheck } from '../../../engine/check/self_check.ts';
import type { MatrixUse } from '../../../engine/check/matrix_uses.ts';
import type { MatrixRole } from '../../../engine/check/products.ts';
import { openGpu, type Gpu, type OpenGpuOptions } from '../../../engine/gpu/device.ts';
import type { Qwen3Next } from '../../../engine/model/qwen3_next.ts';
import { inEnglish } from '../../../engine/protocol/phrase.ts';
import { breakKernels } from '../../support/broken_kernels.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

const opened: Gpu[] = [];
const open = async (options: OpenGpuOptions) => {
  const gpu = await openGpu(options);
  opened.push(gpu);
  return gpu;
};
afterAll(() => opened.forEach(gpu => gpu.dispose()));

let log = vi.spyOn(console, 'error');
beforeEach(() => {
  log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(() => log.mockRestore());

const use = (role: MatrixRole): MatrixUse => ({ role, format: 'Q8_0', columns: 512 });

describe('kernels of a model', () => {
  const embedding = [use({ kind: 'embedding' })];

  test('that pass are kept for this device, this engine and these variants', async () => {
    const directory = temporaryDirectory();
    const gpu = await open({});
    const check = () => new SelfCheck(gpu, { passed: new PassedChecks(directory) });
    expect(await check().kernels(embedding)).toBe(false);
    expect(readdirSync(directory)).toHaveLength(1);
    expect(log.mock.calls.flat().join()).toMatch(/self-check in \d+ ms/);
    log.mockClear();
    // Broken afterwards, it is not noticed: nothing is run again.
    const mend = breakKernels(gpu, { where: 'table[ids', text: 'fn main(', by: 'fn other(' });
    await check().kernels(embedding);
    expect(log).not.toHaveBeenCalled();
    mend();
    gpu.variant = { ...gpu.variant, teamLanes: 2 };
    await check().kernels(embedding);
    expect(readdirSync(directory)).toHaveLength(2);
  });

  test('whose tuned variant computes wrongly run as another one, which takes the place of what was kept', async () => {
    const directory = temporaryDirectory();
    const gpu = await open({});
    // A model with nothing but its embedding and its head.
    const matrix = { format: 'Q8_0', columns: 512 };
    const weights = { embed_tokens: matrix, lm_head: matrix, layers: [] };
    const model = { config: {}, weights } as unknown as Qwen3Next;
    const usual = gpu.variant.matmul;
    const mend = breakKernels(gpu, {
      where: 'y[t, m] (+)= sum_k x[t, k] * w[m, k]\n// Weight accessor',
      text: 'dot(w3, v)',
      by: 'dot(w3, v.xyzz)',
    });
    const check = new SelfCheck(gpu, { passed: new PassedChecks(directory) });
    const kept: unknown[] = [];
    const checked = check.checked(
      {
        useKnown: () => {
          gpu.variant = { ...gpu.variant, matmul: 'tile' };
          return Promise.resolve(true);
        },
        measure: () => Promise.reject(new Error('it was known')),
        proved: () => Promise.resolve(),
        failed: () => Promise.resolve(),
      },
      () => Promise.resolve(void kept.push(gpu.variant)),
    );
    expect(await checked.useKnown(model)).toBe(true);
    mend();
    expect(kept).toEqual([gpu.variant]);
    expect(gpu.variant.matmul).toBe(usual);
    expect(usual).toBe('shuffle');
    expect(check.fault).toBeUndefined();
    expect(check.dropped).toMatchObject([{ part: 'matmul', variant: { matmul: 'tile', staged: 'f32' } }]);
    expect(log.mock.calls.flat().join('\n')).toMatch(
      /matmul matmul tile, .* is not used: the kernel matmul of 12 rows with Q8_0 weights of 512 columns is off by/,
    );
  });

  test('that no variant computes rightly are told with the device, and looked at again the next time', async () => {
    const directory = temporaryDirectory();
    const gpu = await open({});
    const variant = { ...gpu.variant };
    const check = new SelfCheck(gpu, { passed: new PassedChecks(directory) });
    const mend = breakKernels(gpu, { where: 'table[ids', text: 'values[i];', by: '2.0 * values[i];' });
    await check.kernels(embedding);
    mend();
    expect(inEnglish(check.fault!)).toBe(
      `${gpu.facts.name} (driver ${gpu.facts.driver}) computes wrongly: the kernel embed_rows with Q8_0 weights of 512 columns is off by 1.0e+2 %`,
    );
    expect(gpu.variant).toEqual(variant);
    expect(readdirSync(directory)).toEqual([]);
    // The driver was updated.
    await check.kernels(embedding);
    expect(check.fault).toBeUndefined();
  });
});

describe('known logits', () => {
  test('of the embedded model belong to its file, and are reached in both programs', async () => {
    const known = await embeddedModel();
    expect(known, 'node scripts/renew_goldens.mjs FOLDER makes them anew').toBeDefined();
    const directory = temporaryDirectory();
    const gpu = await open({});
    const live = gpu.buffers.liveCount;
    const check = (known: KnownModel, again = false) =>
      new SelfCheck(gpu, { passed: new PassedChecks(directory), again, known: () => Promise.resolve(known) });
    const first = check(known!);
    expect(await first.programs()).toBe(true);
    expect(first.wrong).toEqual([]);
    expect(gpu.buffers.liveCount).toBe(live);
    expect(readdirSync(directory)).toHaveLength(1);

    const { rows } = known!.logits;
    const off = rows.map((row, i) =>
      i === 0 ? { ...row, logits: row.logits.map(logit => logit + 1) } : row,
    );
    const wrong = { ...known!, logits: { ...known!.logits, rows: off } };
    const kept = check(wrong);
    await kept.programs();
    expect(kept.wrong).toEqual([]);
    const again = check(wrong, true);
    await again.programs();
    expect(again.wrong).toMatchObject([{ program: 'batch' }, { program: 'few rows' }]);
    expect(inEnglish(again.fault!)).toMatch(
      / computes wrongly: the embedded model, read in batches, is off by 1\.\d \(faults in all: 2\)$/,
    );
  });

  test('are not compared where they belong to another file', async () => {
    const check = new SelfCheck(await open({}), { known: () => Promise.resolve(undefined) });
    expect(await check.programs()).toBe(false);
    expect(check.fault).toBeUndefined();
  });
});
