// How fast a state comes back from the disk: a made-up one of a gigabyte, beside a plain read of the same file.
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { median } from '../../../engine/cli/bench.ts';
import { StateFile, writeState } from '../../../engine/kept/state_file.ts';
import type { StateSnapshot, TextPages } from '../../../engine/language_model/language_model.ts';
import { whole } from '../../../engine/language_model/whole.ts';

const pageBytes = 4 * 1024 * 1024;
const stateBytes = 64 * 1024 * 1024;

export interface ReadBack {
  bytes: number;
  /** Medians of `rounds` alternating reads, in bytes a second. */
  plain: number;
  checked: number;
}

/** Writes a state of about `bytes` into `directory`, reads it `rounds` times in each way, and deletes it. */
export async function measureReadBack(
  directory: string,
  { bytes = 1024 ** 3, rounds = 5 } = {},
): Promise<ReadBack> {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'synthetic.state');
  const count = Math.ceil((bytes - stateBytes) / pageBytes);
  const page = crypto.getRandomValues(new Uint32Array(16_384));
  const filled = new Uint8Array(pageBytes).map((_, i) => (page[i % page.length] as number) & 255);
  const pages: TextPages = {
    format: 'f16',
    count,
    positions: 128,
    byteLength: pageBytes,
    read: () => Promise.resolve(filled),
  };
  const snapshot: StateSnapshot = {
    position: count * 128,
    byteLength: stateBytes,
    pages,
    read: () => Promise.resolve([new Uint8Array(stateBytes)]),
    dispose: () => undefined,
  };
  const ids = Array.from({ length: count * 128 }, (_, i) => i % 1000);
  try {
    await whole(
      writeState(path, { key: 'bench', workspace: 'bench', ids, layout: '', snapshots: [snapshot] }),
    );
    const plain: number[] = [];
    const checked: number[] = [];
    for (let round = 0; round < rounds; round++) {
      plain.push(await timeOf(() => readPlain(path)));
      checked.push(await timeOf(() => readChecked(path)));
    }
    const { size } = statSync(path);
    return { bytes: size, plain: size / median(plain), checked: size / median(checked) };
  } finally {
    rmSync(path, { force: true });
  }
}

/** The whole file into memory, in pieces as large as a state's pages. */
async function readPlain(path: string): Promise<void> {
  const file = await open(path);
  const buffer = Buffer.allocUnsafeSlow((await file.stat()).size);
  for (let done = 0; done < buffer.length;)
    done += (await file.read(buffer, done, Math.min(pageBytes, buffer.length - done))).bytesRead;
  await file.close();
}

async function readChecked(path: string): Promise<void> {
  const file = await StateFile.open(path);
  const end = file.description.states.at(-1)?.position ?? 0;
  await file.states(end);
  const pages = file.pages(end);
  for (let i = 0; i < pages.count; i++) await pages.read(i);
  await file.close();
}

/** Seconds. */
async function timeOf(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
