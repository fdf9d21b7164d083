// The fixture `quants` (docs/MODEL.md 14): random blocks of every storage type, brought onto the device as a model's weights
// are, decoded there, and compared with the reference values.
import { join } from 'node:path';
import type { StorageType } from '../shared/architecture/storage_types.ts';
import { blockFormats } from '../checkpoint/quant.ts';
import { RangedFile } from '../checkpoint/ranged_file.ts';
import { readSafetensorsHeader, type SafetensorsEntry } from '../checkpoint/safetensors.ts';
import type { Gpu } from '../gpu/device.ts';
import { runOnce } from '../gpu/dispatch.ts';
import { embedRows } from '../kernels/embed_rows.ts';
import { Uploader } from '../model/weights/upload.ts';
import { errors } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';
import type { VerifyRow } from './verify_expected.ts';
import type { VerifyReport } from './verify_fixture.ts';

export const quantsFile = 'quants.safetensors';

/** A value is a product of up to three f32 factors, or the difference of two; measured against the row's largest. */
const tolerance = 1e-6;
/** Rows of smaller values, which exponents of random bytes make, count as zeros: a device may flush them. */
const smallest = 2 ** -100;

/** Throws badCheckpoint when the file is not such a fixture. */
export async function verifyQuants(gpu: Gpu, directory: string): Promise<VerifyReport> {
  const file = await RangedFile.open(join(directory, quantsFile));
  try {
    const entries = new Map((await readSafetensorsHeader(file)).map(entry => [entry.name, entry]));
    const rows: VerifyRow[] = [];
    for (const [name, raw] of entries) {
      if (!name.endsWith('.raw')) continue;
      const type = name.slice(0, -'.raw'.length);
      const values = entries.get(`${type}.f32`);
      if (!values || !isStorageType(type))
        throw errors.badCheckpoint(file.path, phrase`"${name}" stands alone`);
      rows.push({ name: type, error: await errorOf(gpu, file, type, raw, values), tolerance });
    }
    return { rows, tokens: [], passed: rows.length > 0 && rows.every(row => row.error <= row.tolerance) };
  } finally {
    await file.close();
  }
}

/** Largest difference in any row, as a share of the row's largest value. */
async function errorOf(
  gpu: Gpu,
  file: RangedFile,
  type: StorageType,
  raw: SafetensorsEntry,
  values: SafetensorsEntry,
): Promise<number> {
  const [count = 0, columns = 0] = values.shape;
  const want = new Float32Array(count * columns);
  if (raw.shape[0] !== count || want.byteLength !== values.byteLength)
    throw errors.badCheckpoint(file.path, phrase`the shapes of ${type} do not agree`);
  await file.read(values.position, new Uint8Array(want.buffer));
  const tensor = { name: raw.name, type, shape: [count, columns], byteLength: raw.byteLength };
  const stored = {
    path: file.path,
    read: (_: unknown, offset: number, into: Uint8Array) => file.read(raw.position + offset, into),
  };
  const up = new Uploader(gpu, stored);
  const table = up.matrix(type, { rows: count, columns, sources: [{ tensor }] });
  await up.run();
  const ids = gpu.buffers.from(
    'ids',
    [count],
    Uint32Array.from({ length: count }, (_, row) => row),
  );
  const decoded = gpu.buffers.create('decoded', [count, columns]);
  try {
    await runOnce(gpu, list => embedRows(list, table, ids, decoded, count));
    return worst(await gpu.readback.floats(decoded), want, columns);
  } finally {
    for (const made of [table, ids, decoded]) made.dispose();
  }
}

function worst(got: Float32Array, want: Float32Array, columns: number): number {
  let found = 0;
  for (let start = 0; start < want.length; start += columns) {
    const row = want.subarray(start, start + columns);
    const largest = row.reduce((most, value) => Math.max(most, Math.abs(value)), smallest);
    for (const [i, value] of row.entries()) {
      const error = Math.abs((got[start + i] as number) - value) / largest;
      if (!(error <= found)) found = error;
    }
  }
  return found;
}

function isStorageType(name: string): name is StorageType {
  return name in blockFormats;
}
