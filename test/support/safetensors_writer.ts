// Writes small safetensors files and model directories, right or deliberately wrong ones, for tests.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface SafetensorsTensorInput {
  name: string;
  dtype: string;
  shape: number[];
  /** Zeros of `elementBytes` (default 4) per element when absent. */
  data?: Uint8Array;
  elementBytes?: number;
  /** Written to the header instead of the right ones. */
  dataOffsets?: [number, number];
}

/** The bytes of one file. */
export function safetensorsBytes(tensors: readonly SafetensorsTensorInput[]): Uint8Array {
  let end = 0;
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  const parts: Uint8Array[] = [];
  for (const { name, dtype, shape, data, elementBytes = 4, dataOffsets } of tensors) {
    const bytes = data ?? new Uint8Array(shape.reduce((product, size) => product * size, elementBytes));
    header[name] = { dtype, shape, data_offsets: dataOffsets ?? [end, end + bytes.byteLength] };
    parts.push(bytes);
    end += bytes.byteLength;
  }
  return safetensorsFile(JSON.stringify(header), parts);
}

/** A file with any header text; `headerBytes` replaces its right length. */
export function safetensorsFile(
  headerText: string,
  parts: readonly Uint8Array[] = [],
  headerBytes?: bigint,
): Uint8Array<ArrayBuffer> {
  const header = new TextEncoder().encode(headerText);
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, headerBytes ?? BigInt(header.byteLength), true);
  return new Uint8Array(Buffer.concat([new Uint8Array(length.buffer), header, ...parts]));
}

/** Writes files into a directory: bytes and text as they are, anything else as JSON. Returns the directory. */
export async function writeModelDirectory(
  directory: string,
  files: Record<string, unknown>,
): Promise<string> {
  await mkdir(directory, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    const asIs = typeof content === 'string' || content instanceof Uint8Array;
    await writeFile(join(directory, name), asIs ? content : JSON.stringify(content));
  }
  return directory;
}
