// Weight accessor, IQ3_S: blocks of 256 in 8 sub-blocks of 32, x = d * (1 + 2 s) * sign * grid[code], 4 values a code of 9 bits.
// Plane 0: 108 bytes a block: 64 bytes of codes, 8 bytes of their upper bits, 32 bytes of signs, 4 bytes of s, lower four bits first.
@group(0) @binding(0) var<storage, read> weight: array<u32>;
const BLOCK = 27u;  // words
fn weight_scale(quad: u32) -> vec2f {
  let j = (quad >> 3u) & 7u;
  let s = (weight[(quad >> 6u) * BLOCK + 26u] >> (j * 4u)) & 15u;
  return vec2f(block_scale(quad) * f32(1u + 2u * s), 0.0);
}
fn weight_quad(quad: u32, dm: vec2f) -> vec4f {
  let at = (quad >> 6u) * BLOCK;
  let j = (quad >> 3u) & 7u;
  let low = (weight[at + ((quad & 63u) >> 2u)] >> ((quad & 3u) * 8u)) & 0xffu;
  let high = (weight[at + 16u + (j >> 2u)] >> ((j & 3u) * 8u + (quad & 7u))) & 1u;
  let signs = weight[at + 18u + j] >> ((quad & 7u) * 4u);
  return dm.x * signed_quad(grid[low | (high << 8u)], signs);
}
