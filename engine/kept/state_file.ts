// A file with the state of one text: its ids, snapshots at some of their positions, and the pages of keys and values that these share.
// Layout: magic, length and checksum of a description, the description as JSON, then its sections in order (the ids as little-endian u32,
// how the text was laid out, the states, the pages), each followed by a checksum of four bytes (CRC-32, little-endian). Nothing is used before its checksum is
// right. A file comes to its name whole, and is not changed afterwards.
import { randomUUID } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import * as z from 'zod';
import type { StateSnapshot, TextPages } from '../language_model/language_model.ts';
import { errors } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';

/** Names the format; another one means reading everything again. */
const magic = 'hearth-texts1\n\n\n';
/** Before the description: the magic, then length and checksum of it. */
const prefixBytes = magic.length + 8;
const checksumBytes = 4;
/** A description lists a few states; more is damage. */
const descriptionBytesMax = 64 * 1024;

const whole = z.number().int().min(0);
const description = z.strictObject({
  /** What the state depends on, beside the ids. */
  key: z.string(),
  /** Whose files the text is made of. */
  workspace: z.string(),
  ids: whole.min(1),
  /** Bytes of how it was laid out. */
  layout: whole,
  states: z.array(z.strictObject({ position: whole.min(1), byteLength: whole })).min(1),
  pages: z.strictObject({ format: z.string(), count: whole, positions: whole.min(1), byteLength: whole }),
});
export type StateDescription = z.infer<typeof description>;

/** How files are opened; tests have disks that are full. */
export type OpenFile = (path: string, flags: string, mode?: number) => Promise<FileHandle>;

/** What is to be kept of a text. */
export interface TextState {
  key: string;
  workspace: string;
  ids: readonly number[];
  /** How it was laid out, so that it can go on from there. */
  layout: string;
  /** At positions of `ids`, in ascending order; the last one has the pages. */
  snapshots: readonly StateSnapshot[];
}

/** Bytes of the file that a text would make, but for its description. */
export function stateBytes({ ids, snapshots }: Pick<TextState, 'ids' | 'snapshots'>): number {
  const pages = snapshots.at(-1)?.pages;
  const states = snapshots.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return 4 * ids.length + states + (pages ? pages.count * pages.byteLength : 0);
}

/**
 * Writes a text to a file that takes the place of another one of that name when it is whole and on the disk. Yields between its parts.
 * When it fails or is ended nothing is left of it. Throws what the disk says, and gpuError, deviceLost.
 */
export async function* writeState(
  path: string,
  { key, workspace, ids, layout, snapshots }: TextState,
  openFile: OpenFile = open,
): AsyncGenerator<void, void> {
  const pages = snapshots.at(-1)?.pages;
  if (!pages) throw errors.internal('a text without a state');
  const states: Uint8Array[] = [];
  for (const snapshot of snapshots) states.push(Buffer.concat(await snapshot.read()));
  const { format, count, positions, byteLength } = pages;
  const layoutBytes = Buffer.from(layout);
  const json = Buffer.from(
    JSON.stringify({
      key,
      workspace,
      ids: ids.length,
      layout: layoutBytes.byteLength,
      states: states.map((state, i) => ({
        position: (snapshots[i] as StateSnapshot).position,
        byteLength: state.byteLength,
      })),
      pages: { format, count, positions, byteLength },
    } satisfies StateDescription),
  );
  const part = `${path}.${randomUUID()}.part`;
  const file = await openFile(part, 'wx', 0o600);
  let isPlaced = false;
  try {
    const prefix = Buffer.alloc(prefixBytes);
    prefix.write(magic, 'latin1');
    prefix.writeUInt32LE(json.length, magic.length);
    prefix.writeUInt32LE(crc32(json), magic.length + 4);
    await writeAll(file, [prefix, json]);
    for (const section of [Buffer.from(Uint32Array.from(ids).buffer), layoutBytes, ...states]) {
      await writeAll(file, [section, checksum(section)]);
      yield;
    }
    for (let i = 0; i < count; i++) {
      const page = await pages.read(i);
      await writeAll(file, [page, checksum(page)]);
      yield;
    }
    await file.datasync();
    await file.close();
    await rename(part, path);
    isPlaced = true;
  } finally {
    if (!isPlaced) {
      // A file that is closed already stays so.
      await file.close();
      await rm(part, { force: true });
    }
  }
}

/** An open file with the state of a text. Close it. */
export class StateFile {
  private constructor(
    private readonly file: FileHandle,
    readonly description: StateDescription,
    readonly ids: readonly number[],
    /** Where its layout begins. */
    private readonly start: number,
  ) {}

  get #statesAt(): number {
    return this.start + this.description.layout + checksumBytes;
  }

  /** Reads the description and the ids. Throws badSnapshot for a file that is damaged or of another format, and what the disk says. */
  static async open(path: string, openFile: OpenFile = open): Promise<StateFile> {
    const file = await openFile(path, 'r');
    try {
      const prefix = await readAt(file, 0, Buffer.alloc(prefixBytes));
      if (prefix.toString('latin1', 0, magic.length) !== magic)
        throw errors.badSnapshot(phrase`it is not a snapshot in a format of this version`);
      const length = prefix.readUInt32LE(magic.length);
      if (length > descriptionBytesMax) throw damaged();
      const json = await readAt(file, prefixBytes, Buffer.alloc(length));
      if (crc32(json) !== prefix.readUInt32LE(magic.length + 4)) throw damaged();
      const found = descriptionIn(json.toString());
      const start = prefixBytes + length;
      if ((await file.stat()).size !== start + sectionBytes(found)) throw damaged();
      const ids = await checkedAt(file, start, 4 * found.ids);
      const words = new Uint32Array(ids.buffer, ids.byteOffset, found.ids);
      return new StateFile(file, found, [...words], start + ids.byteLength + checksumBytes);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** How the text was laid out. Throws as states() does. */
  async layout(): Promise<string> {
    return (await checkedAt(this.file, this.start, this.description.layout)).toString();
  }

  /** The states up to a position. Throws badSnapshot, and what the disk says. */
  async states(upTo: number): Promise<Uint8Array<ArrayBuffer>[]> {
    const found: Uint8Array<ArrayBuffer>[] = [];
    let at = this.#statesAt;
    for (const { position, byteLength } of this.description.states) {
      if (position <= upTo) found.push(await checkedAt(this.file, at, byteLength));
      at += byteLength + checksumBytes;
    }
    return found;
  }

  /**
   * Those of the first `tokens` positions. While one is used the next one is read already, into memory of the one before: what was read
   * is gone when the next but one is asked for. Reading one throws as states() does.
   */
  pages(tokens: number): TextPages {
    const { format, positions, byteLength } = this.description.pages;
    const count = Math.ceil(tokens / positions);
    const start = this.description.states.reduce(
      (sum, state) => sum + state.byteLength + checksumBytes,
      this.#statesAt,
    );
    const whole = byteLength + checksumBytes;
    // Memory that is new costs more than reading into it.
    const buffers = [Buffer.alloc(whole), Buffer.alloc(whole)] as const;
    const readRaw = (index: number): Promise<Buffer<ArrayBuffer>> => {
      const reading = readAt(this.file, start + index * whole, buffers[(index & 1) as 0 | 1]);
      // Whoever wants it gets the error; nobody may come.
      reading.catch(() => undefined);
      return reading;
    };
    let next: { index: number; reading: Promise<Buffer<ArrayBuffer>> } | undefined;
    return {
      format,
      count,
      positions,
      byteLength,
      read: async index => {
        const bytes = await (next?.index === index ? next.reading : readRaw(index));
        next = index + 1 < count ? { index: index + 1, reading: readRaw(index + 1) } : undefined;
        return checked(bytes);
      },
    };
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

/** What a description says. Throws badSnapshot. */
function descriptionIn(json: string): StateDescription {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw damaged();
  }
  const parsed = description.safeParse(value);
  if (!parsed.success) throw damaged();
  return parsed.data;
}

/** Bytes of all sections, with their checksums. */
function sectionBytes({ ids, layout, states, pages }: StateDescription): number {
  const lengths = [4 * ids, layout, ...states.map(({ byteLength }) => byteLength)];
  const before = lengths.reduce((sum, length) => sum + length + checksumBytes, 0);
  return before + pages.count * (pages.byteLength + checksumBytes);
}

function damaged(): Error {
  return errors.badSnapshot(phrase`the file is damaged`);
}

function checksum(bytes: Uint8Array): Buffer {
  const buffer = Buffer.alloc(checksumBytes);
  buffer.writeUInt32LE(crc32(bytes));
  return buffer;
}

/** A section without the checksum behind it. Throws badSnapshot when that is another one. */
function checked(bytes: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
  const section = bytes.subarray(0, bytes.length - checksumBytes);
  if (crc32(section) !== bytes.readUInt32LE(section.length)) throw damaged();
  return section;
}

async function checkedAt(file: FileHandle, at: number, byteLength: number): Promise<Buffer<ArrayBuffer>> {
  return checked(await readAt(file, at, Buffer.alloc(byteLength + checksumBytes)));
}

/** Fills a buffer from a place of the file. Throws badSnapshot when it ends before. */
async function readAt<Bytes extends Uint8Array>(file: FileHandle, at: number, buffer: Bytes): Promise<Bytes> {
  for (let done = 0; done < buffer.byteLength;) {
    const { bytesRead } = await file.read(buffer, done, buffer.byteLength - done, at + done);
    if (bytesRead === 0) throw damaged();
    done += bytesRead;
  }
  return buffer;
}

async function writeAll(file: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  for (const piece of pieces)
    for (let done = 0; done < piece.byteLength;) {
      const { bytesWritten } = await file.write(piece, done);
      done += bytesWritten;
    }
}
