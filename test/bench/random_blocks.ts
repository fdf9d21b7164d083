// Random weights in their stored form, without quantising anything: random codes, and the scale that gives them the wanted
// deviation. Speed does not depend on the values; they only must keep the model's numbers in a sane range.
import type { StorageType } from '../../engine/shared/architecture/storage_types.ts';
import { blockFormats } from '../../engine/checkpoint/quant.ts';
import type { Random } from '../support/random.ts';
import type { Draw } from './model_tensors.ts';

/** Standard deviation of evenly drawn codes of each block type, in units of the block's scale. */
const codeDeviation: Partial<Record<StorageType, number>> = {
  Q8_0: 73.9,
  Q4_0: 4.61,
  Q5_0: 9.23,
  // 32 times the code less 7.5.
  Q4_K: 147.5,
};

/** Bytes of `blocks` blocks of `type`; what `words` gives are the codes. */
export function drawBlocks(
  type: StorageType,
  blocks: number,
  draw: Draw,
  random: Random,
  words: WordStream,
): Uint8Array<ArrayBuffer> {
  if (type === 'F32')
    return new Uint8Array(Float32Array.from({ length: blocks }, () => value(draw, random)).buffer);
  const deviation = draw.kind === 'normal' ? draw.deviation : 1;
  const { bytes: blockBytes } = blockFormats[type];
  const words32 = words.next(Math.ceil((blocks * blockBytes) / 4));
  const bytes = new Uint8Array(words32.buffer, 0, blocks * blockBytes);
  if (type === 'F16') return randomHalves(bytes, deviation);
  const spread = codeDeviation[type];
  if (spread === undefined) throw new Error(`no random ${type} blocks`);
  const scale = toHalf(deviation / spread);
  for (let at = 0; at < bytes.length; at += blockBytes) {
    bytes[at] = scale & 255;
    bytes[at + 1] = scale >> 8;
  }
  if (type === 'Q4_K') setKScales(bytes, blockBytes, deviation / spread);
  return bytes;
}

/** Every sub-block: scale 32, minimum 32, and the block's minimum at 7.5 of its scale, so that codes are centred. */
function setKScales(bytes: Uint8Array, blockBytes: number, scale: number): void {
  const minimum = toHalf(7.5 * scale);
  const packed = [...new Array<number>(8).fill(32 | (2 << 6)), 0, 0, 0, 0];
  for (let at = 0; at < bytes.length; at += blockBytes) {
    bytes[at + 2] = minimum & 255;
    bytes[at + 3] = minimum >> 8;
    bytes.set(packed, at + 4);
  }
}

/** Halves of either sign between one and two times a power of two. */
function randomHalves(bytes: Uint8Array<ArrayBuffer>, deviation: number): Uint8Array<ArrayBuffer> {
  const exponent = (Math.max(1, 15 + Math.round(Math.log2(deviation / 1.53))) << 10) & 0x7c00;
  const halves = new Uint16Array(bytes.buffer, 0, bytes.length / 2);
  for (let i = 0; i < halves.length; i++) halves[i] = ((halves[i] as number) & 0x83ff) | exponent;
  return bytes;
}

function value(draw: Draw, random: Random): number {
  if (draw.kind === 'decay')
    return -Math.exp(Math.log(draw.from) + random.next() * Math.log(draw.to / draw.from));
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
  return draw.mean + draw.deviation * radius * Math.cos(2 * Math.PI * random.next());
}

/** The nearest half of a positive number in the range of normal halves; smaller ones become the smallest. */
export function toHalf(positive: number): number {
  const exponent = Math.max(-14, Math.floor(Math.log2(positive)));
  const mantissa = Math.round((positive / 2 ** exponent - 1) * 1024);
  return ((exponent + 15) << 10) + Math.max(0, mantissa);
}

/** Fast random words: the same seed gives the same ones everywhere. */
export class WordStream {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
  }

  /** `count` words. */
  next(count: number): Uint32Array<ArrayBuffer> {
    const out = new Uint32Array(count);
    let state = this.#state;
    for (let i = 0; i < count; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      // The product spreads the shift register's neighbouring states.
      out[i] = Math.imul(state, 0x9e3779b1);
    }
    this.#state = state >>> 0;
    return out;
  }
}
