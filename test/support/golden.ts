// Paths of the golden fixtures, and a reader for the arrays stored beside them.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readSafetensorsHeader } from '../../engine/checkpoint/safetensors.ts';
import { RangedFile } from '../../engine/checkpoint/ranged_file.ts';

/** Path inside test/golden/fixtures. */
export function fixturePath(...parts: string[]): string {
  return fileURLToPath(new URL(['../golden/fixtures', ...parts].join('/'), import.meta.url));
}

/** A JSON file of a fixture. */
export function fixtureJson<T>(...parts: string[]): T {
  return JSON.parse(readFileSync(fixturePath(...parts), 'utf8')) as T;
}

/** Opens a safetensors file of expected values; `read` gives an F32 or I32 array with its shape. */
export async function openExpected(path: string): Promise<{
  names: string[];
  read(name: string): Promise<{ shape: number[]; values: Float32Array | Int32Array }>;
  close(): Promise<void>;
}> {
  const file = await RangedFile.open(path);
  const entries = new Map((await readSafetensorsHeader(file)).map(entry => [entry.name, entry]));
  return {
    names: [...entries.keys()],
    async read(name) {
      const entry = entries.get(name);
      if (!entry) throw new Error(`${path} has no "${name}"`);
      const bytes = new Uint8Array(entry.byteLength);
      await file.read(entry.position, bytes);
      const values = entry.dtype === 'I32' ? new Int32Array(bytes.buffer) : new Float32Array(bytes.buffer);
      return { shape: entry.shape, values };
    },
    close: () => file.close(),
  };
}
