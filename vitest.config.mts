// Unit, protocol and GPU tests. WGSL files are imported as text, as in the esbuild bundles.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// Two files at a time are what a small machine holds; each brings a device of its own.
const workers = Math.min(availableParallelism(), 4);

const env = {
  // Everything is validated; the engine's own program is also tested as it is shipped.
  HEARTH_DAWN: process.env['HEARTH_DAWN'] ?? 'checks',
  // The other cores have test files of their own.
  HEARTH_COMPILERS: process.env['HEARTH_COMPILERS'] ?? '1',
};
// Mesa's compiler without its optimizer takes less than half the time, and what it makes is two to three times slower: right where
// kernels run a few times, wrong for long texts. A full run has the optimizer everywhere.
const unoptimized = process.env['HEARTH_TEST_FULL'] === '1' ? {} : { GALLIVM_PERF: 'nopt' };
const runBriefly = [
  'test/engine/{check,cli,kernels,model,tuning}/**/*.test.ts',
  'test/engine/main.test.ts',
  'test/engine/service/parrot_answers.test.ts',
  'test/support/parrot_model.test.ts',
  'test/fuzz/loading.test.ts',
  'test/bench/*.test.ts',
];
const runLong = ['test/engine/kernels/sample_rows.test.ts', 'test/engine/model/{ahead,drafts}.test.ts'];
const notHere = [
  'test/e2e/**',
  'test/host/**',
  'test/page/**',
  'test/sample_workspace/**',
  'node_modules/**',
];

/**
 * Bad input files, which wait for no kernel, then kernels and models in turns, so that files that run at the same time seldom compile the same, and the quick files
 * at the end, so that both cores end together. Drafts come after all other kernels and models: what they run is compiled by `ahead`
 * in the same way.
 */
class InTurns extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const among = (pattern: RegExp) => sorted.filter(({ moduleId }) => pattern.test(moduleId));
    const drafts = among(/test\/engine\/model\/drafts\.test\.ts$/);
    const models = among(/test\/engine\/(model|tuning|check|cli)\//).filter(file => !drafts.includes(file));
    const kernels = among(/test\/engine\/kernels\//);
    const badInput = among(/test\/fuzz\/files\.test\.ts$/);
    const long = Array.from({ length: Math.max(models.length, kernels.length) }, (_, i) => [
      models[i],
      kernels[i],
    ])
      .flat()
      .filter(file => file !== undefined);
    const first = [...badInput, ...long, ...drafts];
    return [...first, ...sorted.filter(file => !first.includes(file))];
  }
}

export default defineConfig({
  plugins: [
    {
      name: 'wgsl-as-text',
      enforce: 'pre',
      load(id) {
        return id.endsWith('.wgsl')
          ? `export default ${JSON.stringify(readFileSync(id, 'utf8'))};`
          : undefined;
      },
    },
  ],
  test: {
    pool: 'forks',
    maxWorkers: workers,
    sequence: { sequencer: InTurns },
    // None of its own: how long kernels compile depends on the machine. The suite has a limit, which names what was running.
    testTimeout: 0,
    hookTimeout: 0,
    projects: [
      {
        extends: true,
        test: {
          name: 'compiled quickly',
          include: runBriefly,
          exclude: runLong,
          env: { ...env, ...unoptimized },
        },
      },
      {
        extends: true,
        test: {
          name: 'rest',
          include: ['test/**/*.test.ts'],
          exclude: [...notHere, ...runBriefly],
          env,
        },
      },
      { extends: true, test: { name: 'run long', include: runLong, env } },
    ],
  },
});
