// How often each id comes in what this user's texts hold, and which ids are frequent: drafts are chosen among those. Counted while texts
// are read, kept on disk as numbers of ids, for a vocabulary and not for a model: another file with the same one goes on from there.
import type { TextTokenizer } from '../tokenizer/tokenizer.ts';

/** Most ids that drafts are chosen among: a fifth of a vocabulary, but nearly all of a text. */
export const draftIdsMax = 32_768;
/** Of them, most that are there because the user's texts hold them. */
const ofTextsMax = 12_288;
/** What comes once may never come again. */
const countMin = 2;
/** Beyond so many ids in all, every count is halved, so that older texts fade. */
const countedMax = 2 ** 22;

/** What counts need of a tokenizer. */
export type CountedVocabulary = Pick<TextTokenizer, 'vocabularySize' | 'addedIds' | 'decodeBytes'>;

/** Names a vocabulary: its size, its added tokens and a sample of the others. */
export function vocabularyKey({ vocabularySize, addedIds, decodeBytes }: CountedVocabulary): string {
  const sample: string[] = [];
  for (let id = 0; id < vocabularySize; id += 997) sample.push(Buffer.from(decodeBytes(id)).toString('hex'));
  return JSON.stringify({ vocabularySize, addedIds, sample });
}

export class IdCounts {
  readonly #counts: Uint32Array<ArrayBuffer>;
  #total = 0;
  /** Something was counted since it was read or written. */
  isNew = false;

  /** known: ids and their counts, as kept() gave them; what is no id of the vocabulary is ignored. */
  constructor(
    readonly vocabulary: CountedVocabulary,
    known: Iterable<readonly [id: number, count: number]> = [],
  ) {
    this.#counts = new Uint32Array(vocabulary.vocabularySize);
    for (const [id, count] of known) if (id < this.#counts.length) this.#add(id, count);
  }

  /** A text was read that holds these ids. */
  note(ids: Iterable<number>): void {
    for (const id of ids) if (id < this.#counts.length) this.#add(id, 1);
    this.isNew = true;
    if (this.#total > countedMax) this.#fade();
  }

  /** The ids that come most often, with their counts, the most frequent first. */
  kept(): [id: number, count: number][] {
    const found: [number, number][] = [];
    for (const [id, count] of this.#counts.entries()) if (count >= countMin) found.push([id, count]);
    return found.sort(([, a], [, b]) => b - a).slice(0, ofTextsMax);
  }

  /**
   * The ids that drafts are chosen among, ascending: added tokens, those that the user's texts hold, and others by rank, which is how
   * early the tokenizer's training merged them. Undefined for a vocabulary that is no larger.
   */
  frequent(most = draftIdsMax): Uint32Array<ArrayBuffer> | undefined {
    const { vocabularySize, addedIds } = this.vocabulary;
    if (vocabularySize <= most) return undefined;
    const chosen = new Set(addedIds.slice(0, most));
    for (const [id] of this.kept()) if (chosen.size < most) chosen.add(id);
    for (let id = 0; chosen.size < most; id++) chosen.add(id);
    return Uint32Array.from(chosen).sort();
  }

  #add(id: number, count: number): void {
    this.#counts[id] = (this.#counts[id] as number) + count;
    this.#total += count;
  }

  #fade(): void {
    this.#total = 0;
    for (const [id, count] of this.#counts.entries()) {
      const half = count >> 1;
      this.#counts[id] = half;
      this.#total += half;
    }
  }
}
