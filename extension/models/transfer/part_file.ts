// A file on its way to the disk, written in pieces in any order. A file beside it remembers which pieces are there, so that
// a later session goes on from them.
import { readFile, rm, stat } from 'node:fs/promises';
import * as z from 'zod';
import { addRange, countBytes, missingPieces, type ByteRange } from './byte_ranges.ts';
import { replaceText, writingError, type Disk, type WritableFile } from './disk.ts';

/** How much may have to be fetched again after a crash. */
const saveEveryBytes = 64 * 1024 * 1024;

const sidecar = z.strictObject({
  bytes: z.number(),
  hash: z.string(),
  ranges: z.array(z.strictObject({ start: z.number().int().min(0), end: z.number().int() })),
});

const sidecarPath = (path: string): string => `${path}.ranges.json`;

export class PartFile {
  #ranges: ByteRange[];
  #unsavedBytes = 0;
  #saving: Promise<void> = Promise.resolve();

  private constructor(
    private readonly path: string,
    private readonly identity: { bytes: number; hash: string },
    private readonly file: WritableFile,
    ranges: ByteRange[],
  ) {
    this.#ranges = ranges;
  }

  /** Opens or starts a part file. A part of another file (with another hash or length) is removed first. */
  static async open(disk: Disk, path: string, identity: { bytes: number; hash: string }): Promise<PartFile> {
    const ranges = await savedRanges(path, identity);
    if (!ranges) await removePart(path);
    let file: WritableFile | undefined;
    try {
      file = await disk.open(path);
      // The whole length at once, so that a disk that cannot hold the file says so now.
      if (!ranges) await file.resize(identity.bytes);
      return new PartFile(path, identity, file, ranges ?? []);
    } catch (error) {
      await file?.close();
      throw writingError(path, error, identity.bytes);
    }
  }

  get doneBytes(): number {
    return countBytes(this.#ranges);
  }

  missing(pieceBytes: number): ByteRange[] {
    return missingPieces(this.#ranges, this.identity.bytes, pieceBytes);
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    try {
      await this.file.write(bytes, position);
    } catch (error) {
      throw writingError(this.path, error, this.identity.bytes - this.doneBytes);
    }
    this.#ranges = addRange(this.#ranges, { start: position, end: position + bytes.length });
    this.#unsavedBytes += bytes.length;
    if (this.#unsavedBytes >= saveEveryBytes) await this.#save();
  }

  /** Remembers what is there and closes. */
  async close(): Promise<void> {
    try {
      await this.#save();
    } finally {
      await this.file.close();
    }
  }

  /** One after the other; the ranges are written down only when their bytes are on the disk. */
  #save(): Promise<void> {
    this.#unsavedBytes = 0;
    this.#saving = this.#saving
      .catch(() => undefined)
      .then(async () => {
        const ranges = this.#ranges;
        try {
          await this.file.flush();
        } catch (error) {
          throw writingError(this.path, error, this.identity.bytes);
        }
        await replaceText(sidecarPath(this.path), JSON.stringify({ ...this.identity, ranges }));
      });
    return this.#saving;
  }
}

/** Bytes of a part that an earlier session left. */
export async function savedBytes(path: string, identity: { bytes: number; hash: string }): Promise<number> {
  return countBytes((await savedRanges(path, identity)) ?? []);
}

/**
 * Disk space that a part occupies already. Some file systems reserve the whole length when a file is resized, others only what
 * was written, and one that compresses occupies less than that.
 */
export async function bytesOnDisk(path: string, identity: { bytes: number; hash: string }): Promise<number> {
  const saved = await savedBytes(path, identity);
  const taken = await stat(path).then(
    ({ blocks }) => blocks * 512,
    () => 0,
  );
  return Math.max(saved, taken);
}

export async function removePart(path: string): Promise<void> {
  await removeSidecar(path);
  await rm(path, { force: true });
}

/** For a part that has become a whole file. */
export async function removeSidecar(path: string): Promise<void> {
  await rm(sidecarPath(path), { force: true });
}

/** Undefined when there is nothing to go on from: no part, a damaged sidecar, or one of another file. */
async function savedRanges(
  path: string,
  identity: { bytes: number; hash: string },
): Promise<ByteRange[] | undefined> {
  try {
    const { size } = await stat(path);
    const saved = sidecar.parse(JSON.parse(await readFile(sidecarPath(path), 'utf8')));
    const isSame = saved.bytes === identity.bytes && saved.hash === identity.hash && size === identity.bytes;
    const isSound = saved.ranges.every(({ start, end }) => start < end && end <= saved.bytes);
    return isSame && isSound ? saved.ranges.reduce<ByteRange[]>(addRange, []) : undefined;
  } catch {
    // Whatever is wrong with it, the download can start over; only time is lost.
    return undefined;
  }
}
