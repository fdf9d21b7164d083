// Weight accessor, IQ2_XXS: blocks of 256 in 8 sub-blocks of 32, x = d * (0.5 + s) / 4 * sign * grid[code], 8 values a code.
// Plane 0: 64 bytes a block, two words a sub-block: four codes of 8 bits; four times 7 sign bits, s in the upper 4 bits.
@group(0) @binding(0) var<storage, read> weight: array<u32>;
fn weight_scale(quad: u32) -> vec2f {
  let s = weight[(quad >> 3u) * 2u + 1u] >> 28u;
  return vec2f(block_scale(quad) * (0.5 + f32(s)) * 0.25, 0.0);
}
fn weight_quad(quad: u32, dm: vec2f) -> vec4f {
  let at = (quad >> 3u) * 2u;
  let group = (quad >> 1u) & 3u;
  let half = quad & 1u;
  let code = (weight[at] >> (group * 8u)) & 0xffu;
  let signs = even_signs((weight[at + 1u] >> (group * 7u)) & 0x7fu);
  return dm.x * signed_quad(grid[code * 2u + half], signs >> (half * 4u));
}
