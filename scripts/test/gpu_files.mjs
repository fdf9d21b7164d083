// Which unit tests need a GPU: read from what they import.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/places.mjs';

const gpuTest =
  /gpu_fixture|gpu_child|openGpu|withGpu|verifyFixture|withModel|mixedDispatches|makeBundle|from '[^']*support\/gpu/;

/** Paths from the project's root of all test files that run kernels. */
export function gpuTests() {
  return readdirSync(join(root, 'test'), { recursive: true })
    .map(path => `test/${path.replaceAll('\\', '/')}`)
    .filter(path => path.endsWith('.test.ts') && gpuTest.test(readFileSync(join(root, path), 'utf8')));
}
