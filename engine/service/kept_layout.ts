// How the block of a workspace was laid out, as text that is kept beside its state, so that a restart goes on from there. What the user
// has decided about files since then has them packed anew.
import { packFrom, partsOf, type Pack, type PackParts } from '../workspace/packing/pack.ts';

interface KeptLayout {
  /** See IngestParams.decided. */
  decided: string;
  pack: PackParts;
}

/** The text of a layout. */
export function layoutText(pack: Pack, decided: string): string {
  return JSON.stringify({ decided, pack: partsOf(pack) } satisfies KeptLayout);
}

/** The pack of which layoutText() gave the text, in the same program; undefined when something else was decided since. */
export function packOfLayout(text: string, decided: string): Pack | undefined {
  const layout = JSON.parse(text) as KeptLayout;
  return layout.decided === decided ? packFrom(layout.pack) : undefined;
}
