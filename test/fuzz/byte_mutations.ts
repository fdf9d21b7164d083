// Changes to the bytes of a file: flipped, overwritten, cut out, put in, cut off, copied elsewhere, integers replaced.
import fc, { type Arbitrary } from 'fast-check';
import { hostileInteger } from './hostile.ts';

type Mutation =
  | { change: 'flip'; at: number; bit: number }
  | { change: 'set'; at: number; byte: number }
  | { change: 'integer'; at: number; width: 1 | 2 | 4 | 8; value: bigint }
  | { change: 'delete'; at: number; length: number }
  | { change: 'insert'; at: number; bytes: Uint8Array }
  | { change: 'truncate'; at: number }
  | { change: 'copy'; at: number; from: number; length: number };

/** Where changes are worth most: `places` hold lengths, counts, types and offsets, the first `headBytes` the structure. */
export interface Target {
  bytes: Uint8Array;
  places: readonly number[];
  headBytes: number;
}

/** The bytes of the target, changed in a few places; half of the time only values change, not where things stand. */
export function mutatedBytes(target: Target): Arbitrary<Uint8Array> {
  const { any, inPlace } = mutations(target);
  const list = fc.oneof(
    fc.array(any, { minLength: 1, maxLength: 3 }),
    fc.array(inPlace, { minLength: 1, maxLength: 2 }),
  );
  return list.map(changes => changes.reduce(apply, target.bytes));
}

function mutations({ bytes, places, headBytes }: Target): Record<'any' | 'inPlace', Arbitrary<Mutation>> {
  const head = fc.nat(Math.max(headBytes - 1, 0));
  const at = fc.oneof(
    { weight: 5, arbitrary: head },
    { weight: 1, arbitrary: fc.nat(bytes.byteLength) },
    ...(places.length > 0 ? [{ weight: 5, arbitrary: fc.constantFrom(...places) }] : []),
  );
  const length = fc.oneof(fc.nat(16), fc.nat(300));
  const flip = (where: Arbitrary<number>) =>
    fc.record({ change: fc.constant('flip' as const), at: where, bit: fc.nat(7) });
  const set = (where: Arbitrary<number>) => {
    const byte = fc.oneof(fc.constantFrom(0, 1, 127, 128, 255), fc.nat(255));
    return fc.record({ change: fc.constant('set' as const), at: where, byte });
  };
  const width = fc.constantFrom(1 as const, 2 as const, 4 as const, 8 as const);
  const any = fc.oneof(
    flip(at),
    set(at),
    fc.record({ change: fc.constant('integer' as const), at, width, value: hostileInteger }),
    fc.record({ change: fc.constant('delete' as const), at, length }),
    fc.record({ change: fc.constant('insert' as const), at, bytes: fc.uint8Array({ maxLength: 24 }) }),
    fc.record({ change: fc.constant('truncate' as const), at }),
    fc.record({ change: fc.constant('copy' as const), at, from: head, length }),
  );
  return { any, inPlace: fc.oneof(flip(head), set(head)) };
}

function apply(bytes: Uint8Array, mutation: Mutation): Uint8Array {
  const at = Math.min(mutation.at, bytes.byteLength);
  switch (mutation.change) {
    case 'flip':
      return overwritten(bytes, at, [(bytes[at] ?? 0) ^ (1 << mutation.bit)]);
    case 'set':
      return overwritten(bytes, at, [mutation.byte]);
    case 'integer': {
      const value = new DataView(new ArrayBuffer(8));
      value.setBigUint64(0, mutation.value, true);
      return overwritten(bytes, at, new Uint8Array(value.buffer, 0, mutation.width));
    }
    case 'delete':
      return joined(bytes.subarray(0, at), bytes.subarray(at + mutation.length));
    case 'insert':
      return joined(bytes.subarray(0, at), mutation.bytes, bytes.subarray(at));
    case 'truncate':
      return bytes.slice(0, at);
    case 'copy':
      return overwritten(bytes, at, bytes.slice(mutation.from, mutation.from + mutation.length));
  }
}

function overwritten(bytes: Uint8Array, at: number, by: ArrayLike<number>): Uint8Array {
  const out = bytes.slice();
  for (let i = 0; i < by.length && at + i < out.byteLength; i++) out[at + i] = by[i] as number;
  return out;
}

function joined(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
