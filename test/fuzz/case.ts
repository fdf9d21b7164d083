// One fuzz case: the files of a model, written to a directory of its own. A kind makes cases of one sort.
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Arbitrary } from 'fast-check';

/** A file's bytes; a `length` beyond them is a hole of zeros that takes no space on the disk. */
export interface CaseFile {
  bytes: Uint8Array;
  length?: number;
}

export interface FuzzCase {
  files: Record<string, CaseFile>;
  /** What is opened, relative to the case's directory. */
  path: string;
}

/** Cases of one sort, and its share of all cases. */
export interface Kind {
  share: number;
  cases: Arbitrary<FuzzCase>;
  /** CPU time that a case may take, where it is more than others may. */
  cpuMsMax?: number;
}

/** Replaces what the directory holds by the case's files. */
export async function writeCase(directory: string, { files }: FuzzCase): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  for (const [name, { bytes, length }] of Object.entries(files)) {
    const file = await open(join(directory, name), 'w');
    try {
      await file.write(bytes);
      if (length !== undefined) await file.truncate(length);
    } finally {
      await file.close();
    }
  }
}

/** Short enough for a test's output; the files themselves are kept beside it. */
export function describeCase({ files, path }: FuzzCase): string {
  const sizes = Object.entries(files).map(
    ([name, { bytes, length }]) => `${name} (${length ?? bytes.byteLength} bytes)`,
  );
  return `${path} of ${sizes.join(', ')}`;
}

export function textFile(text: string): CaseFile {
  return { bytes: new TextEncoder().encode(text) };
}
