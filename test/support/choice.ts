// Choices of experts as moe_route writes them.
import type { Chosen } from '../reference/expert_gate_up.ts';
import type { Random } from './random.ts';

/** `count` rows of `chosen` different experts and, last, the one with id `experts`. */
export function randomChoice(
  random: Random,
  { count, experts, chosen }: { count: number; experts: number; chosen: number },
): Chosen[][] {
  return Array.from({ length: count }, () => {
    const ids = Array.from({ length: experts }, (_, id) => ({ id, key: random.next() }))
      .sort((a, b) => a.key - b.key)
      .slice(0, chosen)
      .map(({ id }) => id);
    return [...ids, experts].map(id => ({ id, weight: Math.fround(random.next()) }));
  });
}

/** u32 [count, slots, 2]: id, and the weight as the bits of an f32. */
export function choiceWords(choice: readonly (readonly Chosen[])[]): Uint32Array<ArrayBuffer> {
  const flat = choice.flat();
  const words = new Uint32Array(flat.length * 2);
  const floats = new Float32Array(words.buffer);
  for (const [i, { id, weight }] of flat.entries()) {
    words[2 * i] = id;
    floats[2 * i + 1] = weight;
  }
  return words;
}
