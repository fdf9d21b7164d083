// Has the map at the head of a block say what its files export, as soon as the index knows. A block that somebody reads does not change
// any more: until the map stands nothing is read ahead, and questions wait for it, within their own time for the index.
import { mapCharsMax } from '../prompt/budget.ts';
import { errorLine } from '../protocol/log_line.ts';
import { mapOf, type MapSection } from '../workspace/packing/pack.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { layOutExports } from './lay_out.ts';
import type { Loaded } from './loaded.ts';

export class BlockMap {
  /** The one that was seen last in the block. */
  #seen: MapSection | undefined;
  /** Resolves with the end of the one that is being made. */
  #making: { ended: Promise<void> } | undefined;

  constructor(private readonly files: Workspace) {}

  /** True while the block may still change at its head. */
  get isMaking(): boolean {
    return this.#making !== undefined;
  }

  /** To be called when the block was laid out. `onMade`: another map stands in it now, which was not known then. */
  begin(loaded: Loaded, onMade: () => void): void {
    const map = mapOf(this.files.pack);
    if (map === this.#seen) return;
    this.#seen = map;
    this.#making = undefined;
    if (!map?.isWhole) return;
    const make = async (): Promise<void> => {
      const exports = await this.files.exportsOf(map.paths, { charsMax: mapCharsMax });
      if (this.#making !== making) return;
      this.#making = undefined;
      layOutExports(loaded, this.files, exports);
      this.#seen = mapOf(this.files.pack);
      onMade();
    };
    const making = {
      ended: make().catch((error: unknown) => {
        if (this.#making === making) this.#making = undefined;
        console.error(errorLine(`the map has no symbols: ${String(error)}`));
      }),
    };
    this.#making = making;
  }

  /** Resolves when the block stands, or at `until`. */
  async stands(until: number): Promise<void> {
    let isOver = false;
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<void>(resolve => {
      timer = setTimeout(resolve, Math.max(0, until - performance.now()));
    }).then(() => void (isOver = true));
    // Another packing may have come meanwhile.
    while (this.#making && !isOver) await Promise.race([this.#making.ended, over]);
    clearTimeout(timer);
  }

  /** Leaves the map as it is: somebody reads the block now, or nobody will. */
  freeze(): void {
    this.#making = undefined;
  }
}
