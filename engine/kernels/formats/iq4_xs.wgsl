// Weight accessor, IQ4_XS: blocks of 256 in 8 sub-blocks of 32, x = d * (ls - 32) * table[q].
// Plane 0: 128 bytes of nibbles a block (16 bytes a sub-block, low: elements 0-15, high: 16-31);
// plane 1: d as f16 and scales_h, then scales_l, two words a block.
@group(0) @binding(0) var<storage, read> weight: array<u32>;
@group(0) @binding(1) var<storage, read> scale: array<u32>;
const UNIT = 32u;
const table = array<f32, 16>(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);
fn weight_scale(quad: u32) -> vec2f {
  let at = (quad >> 6u) * 2u;
  let j = (quad >> 3u) & 7u;
  let low = (scale[at + 1u] >> (j * 4u)) & 15u;
  let high = ((scale[at] >> 16u) >> (j * 2u)) & 3u;
  return vec2f(unpack2x16float(scale[at]).x * (f32(low | (high << 4u)) - 32.0), 0.0);
}
fn weight_quad(quad: u32, dm: vec2f) -> vec4f {
  let word = weight[(quad >> 3u) * 4u + (quad & 3u)];
  let q = unpack4xU8((word >> (quad & 4u)) & 0x0f0f0f0fu);
  return dm.x * vec4f(table[q.x], table[q.y], table[q.z], table[q.w]);
}
fn weight_unit(unit: u32) -> array<vec4f, 8> {
  let s = weight_scale(unit * 8u);
  let q = unit * 8u;
  return array<vec4f, 8>(
    weight_quad(q, s), weight_quad(q + 1u, s), weight_quad(q + 2u, s), weight_quad(q + 3u, s),
    weight_quad(q + 4u, s), weight_quad(q + 5u, s), weight_quad(q + 6u, s), weight_quad(q + 7u, s));
}
