// The grids as shaders read them: one word a quad of values, so that a code needs one look-up.
import { iq1Grid, iq2SGrid, iq2XsGrid, iq2XxsGrid, iq3SGrid, iq3XxsGrid } from './grids.ts';

/** Numbers of `bits` bits each, from the lowest up. */
function numbersOf(grid: string, bits: number): number[] {
  return [...Buffer.from(grid.replace(/\s/g, ''), 'hex')].flatMap(byte =>
    Array.from({ length: 8 / bits }, (_, i) => (byte >> (i * bits)) & (2 ** bits - 1)),
  );
}

/** The values in bytes, four to a word. */
function inBytes(grid: string, bits: number, values: readonly number[]): Uint32Array<ArrayBuffer> {
  return new Uint32Array(Uint8Array.from(numbersOf(grid, bits), number => values[number] as number).buffer);
}

/** Values plus 1 in nibbles, a word an entry: low nibbles hold values 0 … 3, high nibbles 4 … 7. */
function inNibbles(grid: string): Uint32Array<ArrayBuffer> {
  const numbers = Uint8Array.from(numbersOf(grid, 2));
  const halves = new Uint32Array(numbers.buffer);
  return Uint32Array.from(
    { length: halves.length / 2 },
    (_, entry) => (halves[2 * entry] as number) | ((halves[2 * entry + 1] as number) << 4),
  );
}

const iq2Values = [8, 25, 43];
const iq3XxsValues = [4, 12, 20, 28, 36, 44, 52, 62];
const iq3SValues = [1, 3, 5, 7, 9, 11, 13, 15];

/** IQ1: one word an entry; IQ2: two words, values 0 … 3 and 4 … 7; IQ3: one word. */
export const gridTables = {
  iq1: inNibbles(iq1Grid),
  iq2Xxs: inBytes(iq2XxsGrid, 2, iq2Values),
  iq2Xs: inBytes(iq2XsGrid, 2, iq2Values),
  iq2S: inBytes(iq2SGrid, 2, iq2Values),
  iq3Xxs: inBytes(iq3XxsGrid, 4, iq3XxsValues),
  iq3S: inBytes(iq3SGrid, 4, iq3SValues),
};
