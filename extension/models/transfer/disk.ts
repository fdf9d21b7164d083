// The disk as downloads use it; tests put a full one in its place. Failures become named errors here.
import { open, rename, statfs, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { HearthError, errors } from '../../../engine/protocol/errors.ts';
import { phrase } from '../../../engine/protocol/phrase.ts';
import { modelErrors } from '../errors.ts';

/** Kept free on the disk. */
export const diskReserveBytes = 256e6;

export interface WritableFile {
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** Makes the file this long; new parts read as zeros. */
  resize(bytes: number): Promise<void>;
  /** Returns when what was written is on the disk. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface Disk {
  /** Undefined when the system does not say. */
  freeBytes(folder: string): Promise<number | undefined>;
  /** Opens for writing, keeping what is there. */
  open(path: string): Promise<WritableFile>;
}

export const realDisk: Disk = {
  async freeBytes(folder) {
    for (let at = folder; ; at = dirname(at)) {
      try {
        const { bavail, bsize } = await statfs(at);
        return bavail * bsize;
      } catch {
        // A folder that is not there yet lies on its parent's disk.
        if (dirname(at) === at) return undefined;
      }
    }
  },
  async open(path) {
    const file = await open(path, 'a').then(async handle => {
      await handle.close();
      return open(path, 'r+');
    });
    return {
      async write(bytes, position) {
        for (let done = 0; done < bytes.length;) {
          const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
          done += bytesWritten;
        }
      },
      resize: bytes => file.truncate(bytes),
      flush: () => file.datasync(),
      close: () => file.close(),
    };
  },
};

/** A failure to write as a named error: a full disk is told from others. */
export function writingError(path: string, error: unknown, needBytes: number): HearthError {
  if (error instanceof HearthError) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return modelErrors.diskFull(dirname(path), needBytes, undefined);
  if (code === 'EFBIG')
    return errors.fileUnwritable(path, phrase`the file system of this disk takes no files of this size`);
  return errors.fileUnwritable(path, error);
}

/** Replaces a small file whole: a reader sees the old text or the new one. */
export async function replaceText(path: string, text: string): Promise<void> {
  try {
    await writeFile(`${path}.new`, text);
    await rename(`${path}.new`, path);
  } catch (error) {
    throw writingError(path, error, text.length);
  }
}
