// Weight accessor, IQ3_XXS: blocks of 256 in 8 sub-blocks of 32, x = d * (0.5 + s) / 2 * sign * grid[code], 4 values a code.
// Plane 0: 96 bytes a block: 64 codes of 8 bits, then a word a sub-block: four times 7 sign bits, s in the upper 4 bits.
@group(0) @binding(0) var<storage, read> weight: array<u32>;
const BLOCK = 24u;  // words
fn signs_and_scale(quad: u32) -> u32 {
  return weight[(quad >> 6u) * BLOCK + 16u + ((quad >> 3u) & 7u)];
}
fn weight_scale(quad: u32) -> vec2f {
  return vec2f(block_scale(quad) * (0.5 + f32(signs_and_scale(quad) >> 28u)) * 0.5, 0.0);
}
fn weight_quad(quad: u32, dm: vec2f) -> vec4f {
  let code = (weight[(quad >> 6u) * BLOCK + ((quad & 63u) >> 2u)] >> ((quad & 3u) * 8u)) & 0xffu;
  let signs = even_signs((signs_and_scale(quad) >> (((quad >> 1u) & 3u) * 7u)) & 0x7fu);
  return dm.x * signed_quad(grid[code], signs >> ((quad & 1u) * 4u));
}
