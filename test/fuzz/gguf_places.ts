// Where a GGUF header has its lengths, counts, types, dimensions and offsets: the places that lead a reader astray.

const scalarBytes = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];
const stringType = 8;
const arrayType = 9;

/** Positions in a well-formed header, and where it ends. */
export function ggufPlaces(bytes: Uint8Array): { places: number[]; headerBytes: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const places = [0, 4, 8, 16];
  let at = 24;
  const u32 = () => {
    places.push(at);
    at += 4;
    return view.getUint32(at - 4, true);
  };
  const u64 = (worth = true) => {
    if (worth) places.push(at);
    at += 8;
    return Number(view.getBigUint64(at - 8, true));
  };
  const text = (worth = true) => {
    const length = u64(worth);
    at += length;
  };
  for (let key = Number(view.getBigUint64(16, true)); key > 0; key--) {
    text();
    const type = u32();
    if (type === stringType) text();
    else if (type !== arrayType) {
      places.push(at);
      at += scalarBytes[type] as number;
    } else {
      const elementType = u32();
      const count = u64();
      if (elementType !== stringType) at += count * (scalarBytes[elementType] as number);
      // The first and last few of a long list stand for all.
      else for (let i = 0; i < count; i++) text(i < 2 || i >= count - 2);
    }
  }
  for (let tensor = Number(view.getBigUint64(8, true)); tensor > 0; tensor--) {
    text();
    const dimensions = u32();
    for (let i = 0; i < dimensions; i++) u64();
    u32();
    u64();
  }
  return { places, headerBytes: at };
}
