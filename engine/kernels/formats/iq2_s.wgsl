// Weight accessor, IQ2_S: blocks of 256, x = d * (0.5 + s) / 4 * sign * grid[code], 8 values a code of 10 bits, 4-bit s for every 16 values.
// Plane 0: 80 bytes a block: 32 bytes of codes, 32 bytes of signs, 8 bytes of the codes' upper two bits, 8 bytes of s, lower four bits first.
@group(0) @binding(0) var<storage, read> weight: array<u32>;
const BLOCK = 20u;  // words
// Of the first and the second 16 values.
fn weight_scale(quad: u32) -> vec2f {
  let j = (quad >> 3u) & 7u;
  let both = weight[(quad >> 6u) * BLOCK + 18u + (j >> 2u)] >> ((j & 3u) * 8u);
  return block_scale(quad) * (0.5 + vec2f(vec2u(both, both >> 4u) & vec2u(15u))) * 0.25;
}
fn weight_quad(quad: u32, dm: vec2f) -> vec4f {
  let at = (quad >> 6u) * BLOCK;
  let j = (quad >> 3u) & 7u;
  let group = (quad >> 1u) & 3u;
  let half = quad & 1u;
  let low = (weight[at + j] >> (group * 8u)) & 0xffu;
  let high = (weight[at + 16u + (j >> 2u)] >> ((j & 3u) * 8u + group * 2u)) & 3u;
  let signs = weight[at + 8u + j] >> (group * 8u + half * 4u);
  let d = select(dm.x, dm.y, group >= 2u);
  return d * signed_quad(grid[(low | (high << 8u)) * 2u + half], signs);
}
