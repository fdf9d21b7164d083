// Splits GGUF's packed blocks into aligned planes, bit for bit:
//   codes[block, :] = CODE_WORDS words from byte CODE_AT;   high[block, :] = HIGH_WORDS words from byte HIGH_AT;
//   scale plane: SCALE_BYTES bytes from byte SCALE_AT: below 4 they are packed (4 / SCALE_BYTES blocks a word), else padded to whole words.
// blocks: the raw bytes as u32 words, BLOCK_BYTES a block, not aligned; planes start at block `first`.
// One invocation owns as many blocks as share a word of the scale plane; `first` is a multiple of that. The constants come from the preamble.
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
  const PER_WORD = max(4u / SCALE_BYTES, 1u);
  const SCALE_WORDS = (SCALE_BYTES + 3u) / 4u;
  // Bytes of the last scale word that belong to the block.
  const LAST_BYTES = SCALE_BYTES - (SCALE_WORDS - 1u) * 4u;
  const LAST_MASK = 0xffffffffu >> (32u - 8u * LAST_BYTES);
  let start = ((group.y * 1024u + group.x) * wg + lane.x) * PER_WORD;
  if (start >= params.count) {
    return;
  }
  var shared_word = 0u;
  for (var i = 0u; i < PER_WORD; i++) {
    let block = start + i;
    if (block >= params.count) {
      break;
    }
    let byte = block * BLOCK_BYTES;
    let to_block = params.first + block;
    for (var w = 0u; w < CODE_WORDS; w++) {
      codes[to_block * CODE_WORDS + w] = word_at(byte + CODE_AT + w * 4u);
    }
    for (var w = 0u; w < HIGH_WORDS; w++) {
      high[to_block * HIGH_WORDS + w] = word_at(byte + HIGH_AT + w * 4u);
    }
    for (var w = 0u; w + 1u < SCALE_WORDS; w++) {
      scale[to_block * SCALE_WORDS + w] = word_at(byte + SCALE_AT + w * 4u);
    }
    shared_word |= (word_at(byte + SCALE_AT + (SCALE_WORDS - 1u) * 4u) & LAST_MASK) << (i * 8u * (LAST_BYTES % 4u));
  }
  let block_word = (params.first + start) / PER_WORD;
  scale[block_word * SCALE_WORDS + SCALE_WORDS - 1u] = shared_word;
}
