// Which ids a text holds, on the device: two bits an id for penalize_rows. Ids are only added; what may still be taken back is
// not put here but looked up in the sequence's tokens. Another text begins anew.
import type { Gpu } from '../../gpu/device.ts';
import type { GpuTensor } from '../../gpu/tensor.ts';
import { seenIdsPerWord } from '../../kernels/penalize_rows.ts';
import type { TokenHistory } from '../../language_model/sampling.ts';

export class SeenIds {
  /** u32 [vocab / 16 rounded up]. */
  readonly tensor: GpuTensor;
  readonly #words: Uint32Array<ArrayBuffer>;
  #history: TokenHistory | undefined;
  #count = 0;

  constructor(gpu: Gpu, vocabularySize: number) {
    this.#words = new Uint32Array(Math.ceil(vocabularySize / seenIdsPerWord));
    this.tensor = gpu.buffers.create('seen ids', [this.#words.length], 'u32');
  }

  /** Brings the device up to date: all of a history that is new, else what it has gained. */
  follow(history: TokenHistory): void {
    const isNew = this.#history !== history;
    if (isNew) {
      this.#history = history;
      this.#count = 0;
      this.#words.fill(0);
    }
    const { ids, generatedFrom } = history;
    for (; this.#count < ids.length; this.#count++) {
      const id = ids[this.#count] as number;
      const at = Math.floor(id / seenIdsPerWord);
      const before = this.#words[at] as number;
      const bits = (this.#count < generatedFrom ? 1 : 3) << (2 * (id % seenIdsPerWord));
      const after = (before | bits) >>> 0;
      this.#words[at] = after;
      if (!isNew && after !== before) this.tensor.write(this.#words.subarray(at, at + 1), at * 4);
    }
    if (isNew) this.tensor.write(this.#words);
  }
}
