// Behind an accessor for blocks of 256 whose plane 1 is d as f16, two to a word.
@group(0) @binding(1) var<storage, read> scale: array<u32>;
fn block_scale(quad: u32) -> f32 {
  let block = quad >> 6u;
  return unpack2x16float(scale[block >> 1u] >> ((block & 1u) * 16u)).x;
}
