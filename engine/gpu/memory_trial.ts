// How much memory a device has, found by taking it piece by piece. What a driver does not refuse need not be its own: many move what
// is too much into the host's memory, which is many times slower. So where a device has memory of its own, pieces are written to, and
// those that are slow beside the first do not count.

/** Takes and frees memory of a device. */
export interface TrialMemory<Piece> {
  /** So many bytes; undefined when the device refuses them. */
  take(bytes: number): Promise<Piece | undefined>;
  free(piece: Piece): void;
  /**
   * Bytes a second at which the device writes all of a piece; of a new one when it has been put in its place, else with the time that
   * bringing it back may take. Absent where every memory is as fast as the other.
   */
  speedOf?(piece: Piece, isNew: boolean): Promise<number>;
}

export interface TrialBounds {
  /** Most bytes taken in all. */
  bytesMax: number;
  /** Size of the first piece; halved when a piece is refused or slow, down to the smallest. */
  pieceBytes: number;
  smallestBytes: number;
}

export interface TrialResult {
  bytes: number;
  /** False: the trial ended at its bound. */
  ended: boolean;
}

/** Memory of the device is at least five times as fast as what it reaches of the host's; measuring is off by a tenth. */
const slowShare = 0.5;

/** Takes memory until the device has no more, and gives all of it back. */
export async function tryMemory<Piece>(
  memory: TrialMemory<Piece>,
  { bytesMax, pieceBytes, smallestBytes }: TrialBounds,
): Promise<TrialResult> {
  const taken: { piece: Piece; bytes: number }[] = [];
  let fastest = 0;
  const sum = (): number => taken.reduce((all, { bytes }) => all + bytes, 0);
  const isSlow = async (piece: Piece, isNew: boolean): Promise<boolean> => {
    const speed = await memory.speedOf?.(piece, isNew);
    if (speed === undefined) return false;
    fastest = Math.max(fastest, speed);
    return speed < slowShare * fastest;
  };
  let ended = false;
  try {
    for (let size = pieceBytes; !ended;) {
      // The last piece is what the bound leaves.
      const bytes = Math.min(size, Math.floor((bytesMax - sum()) / 4) * 4);
      if (bytes < smallestBytes) break;
      const piece = await memory.take(bytes);
      if (piece !== undefined && !(await isSlow(piece, true))) {
        taken.push({ piece, bytes });
        continue;
      }
      if (piece !== undefined) memory.free(piece);
      size = Math.floor(bytes / 8) * 4;
      ended = size < smallestBytes;
    }
    // A driver may have moved earlier pieces out for later ones.
    while (taken.length > 1 && (await anySlow(taken, isSlow))) {
      const last = taken.pop();
      if (last) memory.free(last.piece);
      ended = true;
      // Those that came back for this look may have moved others out.
      await anySlow(taken, isSlow);
    }
    return { bytes: sum(), ended };
  } finally {
    for (const { piece } of taken) memory.free(piece);
  }
}

async function anySlow<Piece>(
  taken: readonly { piece: Piece }[],
  isSlow: (piece: Piece, isNew: boolean) => Promise<boolean>,
): Promise<boolean> {
  // All of them, so that each is back in its place before it is asked again.
  let found = false;
  for (const { piece } of taken) if (await isSlow(piece, false)) found = true;
  return found;
}
