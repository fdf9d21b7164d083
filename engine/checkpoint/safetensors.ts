// Safetensors: header of one file, and a model directory of one or several files.
// File: u64 header length n, n bytes of JSON { name: { dtype, shape, data_offsets } }, then the data.
import { basename, join } from 'node:path';
import { errors } from '../protocol/errors.ts';
import { phrase, type Phrase } from '../protocol/phrase.ts';
import type { StorageType } from '../shared/architecture/storage_types.ts';
import { parseJsonObject } from './json_file.ts';
import { elementCount } from './quant.ts';
import { RangedFile, readTextFile } from './ranged_file.ts';
import { quoted, describeValue } from './describe_value.ts';
import { TensorStore } from './tensor_store.ts';

/** The format's own upper bound for the header. */
const headerBytesMax = 100_000_000;
/** The index names every tensor once: about 150 bytes each, a million tensors at most. */
const indexBytesMax = 150_000_000;
/** No released model comes near; keeps element counts exact in a double. */
const dimensionMax = 2 ** 40;
const dimensionsMax = 8;
/** Tensors have names of up to 80 characters; messages show them whole. */
const nameCharsMax = 512;

/** Every dtype of the format by the bytes of one element. */
const dtypesByBytes: readonly [number, string][] = [
  [8, 'F64 I64 U64'],
  [4, 'F32 I32 U32'],
  [2, 'F16 BF16 I16 U16'],
  [1, 'F8_E4M3 F8_E5M2 I8 U8 BOOL'],
];
const dtypeBytes = new Map(
  dtypesByBytes.flatMap(([bytes, names]) => names.split(' ').map((name): [string, number] => [name, bytes])),
);
const weightTypes: readonly StorageType[] = ['F32', 'F16', 'BF16', 'F8_E4M3'];

/** One entry of a header, checked: inside the file, and as long as shape and dtype say. */
export interface SafetensorsEntry {
  name: string;
  dtype: string;
  shape: number[];
  /** First byte, counted from the start of the file. */
  position: number;
  byteLength: number;
}

/** Reads and checks the header of a safetensors file of any dtypes. Throws badCheckpoint. */
export async function readSafetensorsHeader(file: RangedFile): Promise<SafetensorsEntry[]> {
  const start = new Uint8Array(8);
  await file.read(0, start);
  const headerBytes = Number(new DataView(start.buffer).getBigUint64(0, true));
  if (headerBytes > headerBytesMax || 8 + headerBytes > file.byteLength)
    throw errors.badCheckpoint(file.path, phrase`its header claims ${headerBytes} bytes`);
  const header = new Uint8Array(headerBytes);
  await file.read(8, header);
  const json = parseJsonObject(new TextDecoder().decode(header), why =>
    errors.badCheckpoint(file.path, phrase`its header ${why}`),
  );
  return Object.entries(json)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => checkEntry(file, 8 + headerBytes, name, value));
}

/** Opens `model.safetensors`, or the files its index lists. Throws badCheckpoint or fileUnreadable. */
export async function openSafetensors(directory: string): Promise<TensorStore> {
  const store = new TensorStore();
  try {
    const shards = await shardNames(directory);
    if (!shards) await addFile(store, join(directory, 'model.safetensors'));
    else for (const [file, names] of shards) await addFile(store, join(directory, file), names);
    return store;
  } catch (cause) {
    await store.close();
    throw cause;
  }
}

/** Index file name of a model in several safetensors files. */
export const safetensorsIndexName = 'model.safetensors.index.json';

/** File name -> names of its tensors. Undefined when there is no index: the model is one file. */
async function shardNames(directory: string): Promise<Map<string, Set<string>> | undefined> {
  const path = join(directory, safetensorsIndexName);
  const text = await readTextFile(path, indexBytesMax);
  if (text === undefined) return undefined;
  const bad = (why: Phrase) => errors.badCheckpoint(path, why);
  const { weight_map: weightMap } = parseJsonObject(text, bad);
  if (typeof weightMap !== 'object' || weightMap === null || Array.isArray(weightMap))
    throw bad(phrase`it has no weight_map`);
  const shards = new Map<string, Set<string>>();
  for (const [name, file] of Object.entries(weightMap)) {
    if (name.length > nameCharsMax) throw bad(phrase`it names a tensor ${quoted(name)}`);
    // A file name that is a path would let a downloaded model read elsewhere on the disk.
    if (
      typeof file !== 'string' ||
      basename(file) !== file ||
      /[\\/:]/.test(file) ||
      !file.endsWith('.safetensors')
    )
      throw bad(phrase`its weight_map places ${quoted(name)} in ${describeValue(file)}`);
    const names = shards.get(file) ?? new Set();
    shards.set(file, names.add(name));
  }
  if (shards.size === 0) throw bad(phrase`its weight_map is empty`);
  return shards;
}

/** Adds the tensors of one file, or those of them that are wanted, which then must all be there. */
async function addFile(store: TensorStore, path: string, wanted?: ReadonlySet<string>): Promise<void> {
  const file = await RangedFile.open(path);
  let placed;
  try {
    const entries = (await readSafetensorsHeader(file)).filter(entry => wanted?.has(entry.name) ?? true);
    placed = entries.map(entry => ({
      entry: {
        name: entry.name,
        type: weightType(path, entry),
        shape: entry.shape,
        byteLength: entry.byteLength,
      },
      position: entry.position,
    }));
    const found = new Set(entries.map(entry => entry.name));
    const missing = [...(wanted ?? [])].find(name => !found.has(name));
    if (missing !== undefined) throw errors.missingTensor(path, missing);
  } catch (cause) {
    await file.close();
    throw cause;
  }
  store.adopt(file, placed);
}

function weightType(path: string, entry: SafetensorsEntry): StorageType {
  const type = weightTypes.find(known => known === entry.dtype);
  if (type) return type;
  throw errors.badCheckpoint(
    path,
    phrase`"${entry.name}" is stored as ${entry.dtype}, which Hearth does not read`,
  );
}

function checkEntry(file: RangedFile, dataStart: number, name: string, value: unknown): SafetensorsEntry {
  const bad = (why: Phrase) =>
    errors.badCheckpoint(file.path, phrase`its header entry ${quoted(name)} ${why}`);
  if (name.length > nameCharsMax) throw bad(phrase`has too long a name`);
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  const elementBytes = typeof dtype === 'string' ? dtypeBytes.get(dtype) : undefined;
  if (typeof dtype !== 'string' || elementBytes === undefined)
    throw bad(phrase`has the unknown dtype ${describeValue(dtype)}`);
  if (!isCountArray(shape) || shape.length > dimensionsMax) throw bad(phrase`has no proper shape`);
  if (!isCountArray(offsets) || offsets.length !== 2) throw bad(phrase`has no proper data_offsets`);
  const [begin = 0, end = 0] = offsets;
  const byteLength = elementCount(shape) * elementBytes;
  if (end - begin !== byteLength)
    throw bad(phrase`spans ${end - begin} bytes, but ${dtype} ${describeValue(shape)} takes ${byteLength}`);
  if (dataStart + end > file.byteLength) throw bad(phrase`ends after the file, at byte ${dataStart + end}`);
  return { name, dtype, shape, position: dataStart + begin, byteLength };
}

function isCountArray(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(n => Number.isSafeInteger(n) && n >= 0 && n <= dimensionMax);
}
