// One packed block of a storage type, as the reference decoders read it.

/** Bytes of one block to its values, written with `put(element, value)`. */
export type Decode = (block: Block, put: (e: number, value: number) => void) => void;

/** Little-endian reads inside one block. */
export class Block {
  constructor(
    private readonly bytes: Uint8Array,
    private readonly start: number,
  ) {}
  u8(at: number): number {
    return this.bytes[this.start + at] as number;
  }
  i8(at: number): number {
    return (this.u8(at) << 24) >> 24;
  }
  u16(at: number): number {
    return this.u8(at) | (this.u8(at + 1) << 8);
  }
  u32(at: number): number {
    return (this.u16(at) | (this.u16(at + 2) << 16)) >>> 0;
  }
  half(at: number): number {
    return halfToNumber(this.u16(at));
  }
  /** Code e of 32 nibbles: low halves hold e < 16, high halves the rest. */
  nibble(at: number, e: number): number {
    const byte = this.u8(at + (e % 16));
    return e < 16 ? byte & 15 : byte >> 4;
  }
}

/** IEEE half: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits. */
export function halfToNumber(half: number): number {
  const sign = half >> 15 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = (half & 1023) / 1024;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
}
