// GGUF: metadata and tensor table of one file, or of all parts of a split model. Little-endian, version 2 or 3.
// The header's structure is checked first (gguf_frame.ts); @huggingface/gguf then decodes it from memory.
import { gguf } from '@huggingface/gguf';
import type { GGUFParseOutput, GGUFTensorInfo } from '@huggingface/gguf';
import { basename, dirname, join } from 'node:path';
import { errors, reasonOf } from '../protocol/errors.ts';
import { phrase, type Phrase } from '../protocol/phrase.ts';
import type { Checkpoint } from './checkpoint.ts';
import { readGgufFrame } from './gguf_frame.ts';
import type { GgufFrame } from './gguf_frame.ts';
import { tokenizerFromGguf } from './gguf_tokenizer.ts';
import { readModelLimits } from './model_limits.ts';
import { findMtpCompanion, firstMtpBlock, mtpTensors, sameShape } from './mtp_companion.ts';
import { pairTensorScales } from './nvfp4.ts';
import { byteLength, rowsAreWholeBlocks, storageTypeOfGguf } from './quant.ts';
import { RangedFile } from './ranged_file.ts';
import { readSampling } from './sampling.ts';
import { quoted, describeValue } from './describe_value.ts';
import { TensorStore } from './tensor_store.ts';
import type { PlacedTensor } from './tensor_store.ts';

const defaultAlignment = 32;
/** Page and sector sizes end far below; the format's files use 32. */
const alignmentMax = 1 << 20;
/** The parser counts every part of a split model in five digits; real ones have up to a few dozen. */
const partsMax = 1_000;
const partName = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/;
/** What the parser adds to the metadata on its own. */
const parserKeys = new Set(['version', 'tensor_count', 'kv_count']);

/** Opens a GGUF model; any part of a split model stands for all of it. Throws badCheckpoint or fileUnreadable. */
export async function openGguf(path: string): Promise<Checkpoint> {
  const store = new TensorStore();
  try {
    const parts = partPaths(path);
    let metadata: Record<string, unknown> = {};
    for (const [index, part] of parts.entries()) {
      const found = await readPart(part, { index, count: parts.length });
      store.adopt(found.file, found.placed);
      if (index === 0) ({ metadata } = found);
    }
    checkTotal(path, metadata, store);
    await addMtpBlock(path, metadata, store);
    pairTensorScales(path, store.tensors);
    return checkpoint(path, metadata, store);
  } catch (cause) {
    await store.close();
    throw cause;
  }
}

function checkTotal(path: string, metadata: Record<string, unknown>, store: TensorStore): void {
  const total = metadata['split.tensors.count'];
  if (typeof total === 'number' && total > 0 && total !== store.tensors.size)
    throw errors.badCheckpoint(
      path,
      phrase`its parts hold ${store.tensors.size} tensors instead of ${total}`,
    );
}

/** Takes the MTP block from a file beside a model that has none of its own. */
async function addMtpBlock(
  path: string,
  metadata: Record<string, unknown>,
  store: TensorStore,
): Promise<void> {
  if (firstMtpBlock(store.tensors.keys()) !== undefined) return;
  const companion = await findMtpCompanion(path);
  if (companion === undefined) return;
  const found = await readPart(companion, { index: 0, count: 1 });
  if (sameShape(metadata, found.metadata)) store.adopt(found.file, mtpTensors(found.placed));
  else await found.file.close();
}

function checkpoint(path: string, metadata: Record<string, unknown>, store: TensorStore): Checkpoint {
  return {
    path,
    container: 'gguf',
    metadata,
    tensors: store.tensors,
    read: (tensor, offset, into) => store.read(tensor, offset, into),
    tokenizer: async () =>
      'tokenizer.ggml.model' in metadata ? tokenizerFromGguf(path, metadata) : undefined,
    sampling: async () =>
      readSampling(path, {
        temperature: metadata['general.sampling.temp'],
        topK: metadata['general.sampling.top_k'],
        topP: metadata['general.sampling.top_p'],
        minP: metadata['general.sampling.min_p'],
        repetitionPenalty: metadata['general.sampling.penalty_repeat'],
      }),
    limits: () => readModelLimits(dirname(path)),
    close: () => store.close(),
  };
}

/** All files of the model, first part first. */
function partPaths(path: string): string[] {
  const [, prefix, , total] = partName.exec(basename(path)) ?? [];
  if (prefix === undefined || total === undefined) return [path];
  const count = Number(total);
  if (count < 1 || count > partsMax) throw errors.badCheckpoint(path, phrase`its name claims ${count} parts`);
  const number = (index: number) => String(index + 1).padStart(5, '0');
  return Array.from({ length: count }, (_, index) =>
    join(dirname(path), `${prefix}-${number(index)}-of-${total}.gguf`),
  );
}

/** A file's place in its set, by its name. */
interface PartPlace {
  index: number;
  count: number;
}

function checkPart(path: string, metadata: Record<string, unknown>, { index, count }: PartPlace): void {
  const { 'split.no': number = index, 'split.count': total = count } = metadata;
  // Some writers mark an unsplit file with a count of 0.
  if (count === 1 && total === 0) return;
  if (number === index && total === count) return;
  const part = typeof number === 'number' ? number + 1 : describeValue(number);
  throw errors.badCheckpoint(path, phrase`it calls itself part ${part} of ${describeValue(total)}`);
}

/** One file's metadata and where its tensors lie. The file is the caller's to close. */
async function readPart(
  path: string,
  place: PartPlace,
): Promise<{ file: RangedFile; metadata: Record<string, unknown>; placed: PlacedTensor[] }> {
  const file = await RangedFile.open(path);
  try {
    const frame = await readGgufFrame(file);
    const parsed = await parse(path, frame);
    const metadata = plainMetadata(parsed.metadata, frame);
    checkPart(path, metadata, place);
    const placed = placeTensors(path, parsed.tensorInfos, frame.headerBytes, readAlignment(path, metadata));
    return { file, metadata, placed };
  } catch (cause) {
    await file.close();
    throw cause;
  }
}

/** Decodes the header. The parser asks for ranges of a URL; it gets them from the frame's bytes. */
async function parse(path: string, frame: GgufFrame): Promise<GGUFParseOutput> {
  const fromMemory = async (_url: unknown, request?: RequestInit) => {
    const [, first = 0, last = 0] =
      /^bytes=(\d+)-(\d+)$/.exec(new Headers(request?.headers).get('range') ?? '') ?? [];
    return new Response(frame.bytes.slice(Number(first), Number(last) + 1));
  };
  let parsed;
  try {
    parsed = await gguf('https://gguf.invalid/header', { fetch: fromMemory });
  } catch (cause) {
    const why = reasonOf(cause).slice(0, 200);
    throw errors.badCheckpoint(path, phrase`its header cannot be read: ${why}`);
  }
  if (parsed.tensorInfoByteRange[1] !== frame.headerBytes || parsed.tensorInfos.length !== frame.tensorCount)
    throw errors.badCheckpoint(path, phrase`its header does not add up`);
  return parsed;
}

/** Metadata as plain values: 64-bit integers as numbers where exact, every string whole. */
function plainMetadata(parsed: object, frame: GgufFrame): Record<string, unknown> {
  const entries = Object.entries(parsed).filter(([key]) => !parserKeys.has(key));
  return Object.fromEntries(
    entries.map(([key, value]: [string, unknown]) => {
      // The parser loads 2 MB at a time and silently cuts a string that reaches past them, unless more of the
      // same array follows: so the last string of every value is decoded here.
      const place = frame.lastStrings.get(key);
      const last = place && new TextDecoder().decode(frame.bytes.subarray(place.start, place.end));
      if (last === undefined) return [key, plainNumbers(value)];
      return [key, Array.isArray(value) ? value.with(-1, last) : last];
    }),
  );
}

function plainNumbers(value: unknown): unknown {
  if (Array.isArray(value)) return typeof value[0] === 'bigint' ? value.map(plainNumbers) : value;
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function readAlignment(path: string, metadata: Record<string, unknown>): number {
  const { 'general.alignment': alignment = defaultAlignment } = metadata;
  if (
    typeof alignment === 'number' &&
    alignment >= 1 &&
    alignment <= alignmentMax &&
    Number.isInteger(Math.log2(alignment))
  )
    return alignment;
  throw errors.badCheckpoint(
    path,
    phrase`general.alignment is ${describeValue(alignment)}, not a power of two`,
  );
}

function placeTensors(
  path: string,
  infos: readonly GGUFTensorInfo[],
  headerBytes: number,
  alignment: number,
): PlacedTensor[] {
  const dataStart = Math.ceil(headerBytes / alignment) * alignment;
  return infos.map(info => {
    const bad = (why: Phrase) => errors.badCheckpoint(path, phrase`the tensor ${quoted(info.name)} ${why}`);
    const type = storageTypeOfGguf(info.dtype);
    if (!type) throw bad(phrase`has the storage type ${info.dtype}, which Hearth does not read`);
    const shape = info.shape.map(Number).reverse();
    if (shape.includes(0)) throw bad(phrase`has a dimension of 0`);
    if (!rowsAreWholeBlocks(type, shape))
      throw bad(phrase`has rows of ${shape.at(-1) ?? 0} elements, not whole ${type} blocks`);
    const offset = Number(info.offset);
    if (offset % alignment !== 0)
      throw bad(phrase`starts at offset ${offset}, off the alignment of ${alignment}`);
    return {
      entry: { name: info.name, type, shape, byteLength: byteLength(type, shape) },
      position: dataStart + offset,
    };
  });
}
