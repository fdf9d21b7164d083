// Splits GGUF's packed 32-element blocks into aligned planes, bit for bit:
//   codes[block, :] = CODE_WORDS words from byte CODE_AT;  scale plane: SCALE_BYTES bytes from byte 0;  high[block] = word at byte HIGH_AT (if any)
// blocks: the raw bytes as u32 words, BLOCK_BYTES a block, not aligned; planes start at block `first`.
// One invocation owns as many blocks as fill one word of the scale plane (4 / SCALE_BYTES); `first` is a multiple of that.
// The constants come from the preamble.
@group(0) @binding(0) var<storage, read> blocks: array<u32>;
@group(0) @binding(1) var<storage, read_write> codes: array<u32>;
@group(0) @binding(2) var<storage, read_write> scale: array<u32>;
@group(0) @binding(3) var<storage, read_write> high: array<u32>;
struct Params {
  count: u32,  // blocks in this call
  first: u32,  // index of the first block in the planes
}
var<immediate> params: Params;
override wg: u32 = 64;

// The word that starts at any byte. The buffer holds one word more than the blocks need.
fn word_at(byte: u32) -> u32 {
  let shift = (byte % 4u) * 8u;
  let low = blocks[byte / 4u];
  if (shift == 0u) {
    return low;
  }
  return (low >> shift) | (blocks[byte / 4u + 1u] << (32u - shift));
}

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  const PER_WORD = 4u / SCALE_BYTES;
  let start = ((group.y * 1024u + group.x) * wg + lane.x) * PER_WORD;
  if (start >= params.count) {
    return;
  }
  var scales = 0u;
  for (var i = 0u; i < PER_WORD; i++) {
    let block = start + i;
    if (block >= params.count) {
      break;
    }
    let byte = block * BLOCK_BYTES;
    let to = params.first + block;
    for (var w = 0u; w < CODE_WORDS; w++) {
      codes[to * CODE_WORDS + w] = word_at(byte + CODE_AT + w * 4u);
    }
    let mask = 0xffffffffu >> (32u - 8u * SCALE_BYTES);
    scales |= (word_at(byte) & mask) << (i * 8u * SCALE_BYTES);
    if (HIGH_AT > 0u) {
      high[to] = word_at(byte + HIGH_AT);
    }
  }
  scale[(params.first + start) / PER_WORD] = scales;
}
