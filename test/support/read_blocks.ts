// Reads a text with the block reader as a page does, and keeps what would be shown.
import { BlockReader } from '../../webview/view/block_reader.ts';
import type { Block, References } from '../../webview/view/blocks.ts';

/** What is shown of a text that grows. */
export class ShownBlocks {
  readonly blocks: Block[] = [];
  /** True while the last block may still change. */
  open = false;
  readonly #reader: BlockReader;

  constructor(references?: References) {
    this.#reader = new BlockReader(references);
  }

  /** Adds a piece and reads on as far as can be; returns how many steps that took. */
  add(piece: string): number {
    this.#reader.append(piece);
    return this.#read();
  }

  end(): number {
    this.#reader.end();
    return this.#read();
  }

  get finished(): Block[] {
    return this.open ? this.blocks.slice(0, -1) : [...this.blocks];
  }

  #read(): number {
    let steps = 0;
    for (let step = this.#reader.next(); step; step = this.#reader.next()) {
      steps++;
      if (step.type === 'blocks') {
        if (this.open) this.blocks.pop();
        this.blocks.push(...structuredClone(step.blocks));
      } else {
        const last = this.blocks.at(-1);
        if (last?.kind !== 'code') throw new Error('code without a block of code');
        last.code += step.code;
      }
      this.open = step.open;
    }
    return steps;
  }
}

/** All blocks of a text that is there at once. */
export function readBlocks(text: string, references?: References): Block[] {
  const shown = new ShownBlocks(references);
  shown.add(text);
  shown.end();
  return shown.blocks;
}
