// The byte alphabet of GPT-2's tokenizer (docs/MODEL.md 11.1): bytes 33-126, 161-172 and 174-255 stand for themselves,
// the remaining 68 in ascending order for U+0100, U+0101, ….

const printable = (byte: number): boolean =>
  (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;

/** Character -> byte. */
export const byteOfCharacter: ReadonlyMap<string, number> = (() => {
  const map = new Map<string, number>();
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) map.set(String.fromCharCode(printable(byte) ? byte : next++), byte);
  return map;
})();
