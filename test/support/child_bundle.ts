// Programs of tests that run in processes of their own: TypeScript and WGSL in one file that plain Node runs.
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The project. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Bundles `program`, a path in the project, into a file in `directory`, which lies in the project if the program needs the GPU's library. */
export async function bundleChild(program: string, directory: string): Promise<string> {
  const outfile = join(directory, `${program.replaceAll(/\W+/g, '_')}.mjs`);
  await build({
    absWorkingDir: root,
    entryPoints: [program],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    external: ['webgpu'],
    loader: { '.wgsl': 'text' },
    banner: {
      js: `import { createRequire } from 'node:module'; const require = createRequire(${JSON.stringify(resolve(root, 'package.json'))});`,
    },
  });
  return outfile;
}
