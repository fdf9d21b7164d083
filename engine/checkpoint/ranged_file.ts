// One file of a model, read in bounded ranges. Every I/O failure leaves here as a named error.
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { errors } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';

/** An open file of known length. Whoever opened it closes it. */
export class RangedFile {
  private constructor(
    readonly path: string,
    readonly byteLength: number,
    private readonly handle: FileHandle,
  ) {}

  /** Opens a regular, non-empty file. Throws fileUnreadable or badCheckpoint. */
  static async open(path: string): Promise<RangedFile> {
    // Looked at before it is opened: opening a named pipe would wait for its writer.
    const kind = await unreadable(path, stat(path));
    if (!kind.isFile()) throw errors.badCheckpoint(path, phrase`it is not a regular file`);
    if (kind.size === 0) throw errors.badCheckpoint(path, phrase`the file is empty`);
    return new RangedFile(path, kind.size, await unreadable(path, open(path, 'r')));
  }

  /** Fills `into` with the bytes from `position` on. Throws badCheckpoint when the file ends before. */
  async read(position: number, into: Uint8Array): Promise<void> {
    let done = 0;
    while (done < into.byteLength) {
      const left = into.byteLength - done;
      const { bytesRead } = await unreadable(this.path, this.handle.read(into, done, left, position + done));
      if (bytesRead === 0)
        throw errors.badCheckpoint(
          this.path,
          phrase`it ends at byte ${position + done}, ${left} bytes too early`,
        );
      done += bytesRead;
    }
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    await unreadable(this.path, this.handle.close());
  }
}

/** Reads a whole small text file. Undefined when it does not exist. Throws fileUnreadable or badCheckpoint. */
export async function readTextFile(path: string, maxBytes: number): Promise<string | undefined> {
  try {
    await stat(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw errors.fileUnreadable(path, cause);
  }
  const file = await RangedFile.open(path);
  try {
    if (file.byteLength > maxBytes)
      throw errors.badCheckpoint(
        path,
        phrase`it has ${file.byteLength} bytes, more than the ${maxBytes} allowed`,
      );
    const bytes = new Uint8Array(file.byteLength);
    await file.read(0, bytes);
    return new TextDecoder().decode(bytes);
  } finally {
    await file.close();
  }
}

async function unreadable<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw errors.fileUnreadable(path, cause);
  }
}
