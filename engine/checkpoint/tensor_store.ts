// Tensors and where they lie in which file: range checks on the way in, bounded reads on the way out.
// Knows nothing of container formats.
import { errors } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';
import type { TensorEntry } from './checkpoint.ts';
import type { RangedFile } from './ranged_file.ts';
import { quoted } from './describe_value.ts';

/** A tensor's place: `position` is its first byte, counted from the start of the file. */
export interface PlacedTensor {
  entry: TensorEntry;
  position: number;
}

/** Owns the files given to it; close() closes them all. */
export class TensorStore {
  readonly tensors = new Map<string, TensorEntry>();
  private readonly places = new Map<string, { file: RangedFile; position: number }>();
  private readonly files: RangedFile[] = [];

  /** Takes the file over, even when it then refuses its tensors. Throws badCheckpoint. */
  adopt(file: RangedFile, placed: readonly PlacedTensor[]): void {
    this.files.push(file);
    checkRanges(file, placed);
    for (const { entry, position } of placed) {
      if (this.tensors.has(entry.name))
        throw errors.badCheckpoint(file.path, phrase`the tensor ${quoted(entry.name)} is there twice`);
      this.tensors.set(entry.name, entry);
      this.places.set(entry.name, { file, position });
    }
  }

  /** See Checkpoint.read. */
  async read(tensor: TensorEntry, offset: number, into: Uint8Array): Promise<void> {
    const place = this.places.get(tensor.name);
    if (!place) throw errors.missingTensor(phrase`The model`, tensor.name);
    const { path } = place.file;
    const end = offset + into.byteLength;
    if (!(offset >= 0 && end <= tensor.byteLength))
      throw errors.badCheckpoint(
        path,
        phrase`bytes ${offset} to ${end} lie outside ${quoted(tensor.name)} (${tensor.byteLength} bytes)`,
      );
    await place.file.read(place.position + offset, into);
  }

  async close(): Promise<void> {
    const open = this.files.splice(0);
    await Promise.all(open.map(file => file.close()));
  }
}

/** Every tensor inside the file, none over another. */
function checkRanges(file: RangedFile, placed: readonly PlacedTensor[]): void {
  let end = 0;
  let previous = '';
  for (const { entry, position } of [...placed].sort((a, b) => a.position - b.position)) {
    if (!(position >= 0 && position + entry.byteLength <= file.byteLength)) {
      const last = position + entry.byteLength;
      throw errors.badCheckpoint(
        file.path,
        phrase`${quoted(entry.name)} needs bytes ${position} to ${last}, but the file has ${file.byteLength}`,
      );
    }
    if (entry.byteLength > 0 && position < end)
      throw errors.badCheckpoint(file.path, phrase`${quoted(entry.name)} overlaps ${quoted(previous)}`);
    if (entry.byteLength > 0) {
      end = position + entry.byteLength;
      previous = entry.name;
    }
  }
}
