// Reference of penalize_rows: the penalties as sets of ids.
import type { Numbers } from './rows.ts';

export interface Penalties {
  repetition: number;
  presence: number;
}

/** Row t is penalised for the ids of the prompt and for those generated before it: generated[t]. */
export function penalizeRows(
  x: Numbers,
  { prompt, generated }: { prompt: readonly number[]; generated: readonly (readonly number[])[] },
  { repetition, presence }: Penalties,
): number[] {
  const width = x.length / generated.length;
  const ofPrompt = new Set(prompt);
  const ofRows = generated.map(ids => new Set(ids));
  return Array.from(x, (value, place) => {
    const id = place % width;
    const isGenerated = (ofRows[Math.floor(place / width)] as ReadonlySet<number>).has(id);
    const isSeen = isGenerated || ofPrompt.has(id);
    const repeated = value > 0 ? value / repetition : value * repetition;
    return (isSeen ? repeated : value) - (isGenerated ? presence : 0);
  });
}
