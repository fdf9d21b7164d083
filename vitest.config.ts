// Unit, protocol and GPU tests. WGSL files are imported as text, as in the esbuild bundles.
import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

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
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'test/host/**', 'test/page/**', 'test/sample_workspace/**', 'node_modules/**'],
    // Everything is validated; the engine's own program is also tested as it is shipped.
    env: { HEARTH_DAWN: process.env['HEARTH_DAWN'] ?? 'checks' },
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
