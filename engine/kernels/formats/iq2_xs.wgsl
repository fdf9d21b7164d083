// Weight accessor, IQ2_XS: blocks of 256, x = d * (0.5 + s) / 4 * sign * grid[code], 8 values a code, 4-bit s for every 16 values.
// Plane 0: 72 bytes a block: 32 halfwords (code of 9 bits, 7 sign bits), then 8 bytes of s, the lower four bits first.
@group(0) @binding(0) var<storage, read> weight: array<u32>;
const BLOCK = 18u;  // words
// Of the first and the second 16 values.
fn weight_scale(quad: u32) -> vec2f {
  let j = (quad >> 3u) & 7u;
  let both = weight[(quad >> 6u) * BLOCK + 16u + (j >> 2u)] >> ((j & 3u) * 8u);
  return block_scale(quad) * (0.5 + vec2f(vec2u(both, both >> 4u) & vec2u(15u))) * 0.25;
}
fn weight_quad(quad: u32, dm: vec2f) -> vec4f {
  let group = (quad >> 1u) & 31u;
  let half = quad & 1u;
  let code = (weight[(quad >> 6u) * BLOCK + (group >> 1u)] >> ((group & 1u) * 16u)) & 0xffffu;
  let d = select(dm.x, dm.y, (group & 2u) != 0u);
  return d * signed_quad(grid[(code & 511u) * 2u + half], even_signs(code >> 9u) >> (half * 4u));
}
