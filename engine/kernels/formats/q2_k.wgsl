// Weight accessor, Q2_K: blocks of 256, x = d * sc * q - dmin * mn, 4-bit sc and mn for every 16 elements.
// Plane 0: 64 bytes of 2-bit codes a block; plane 1: 16 bytes of (sc, mn) nibbles; plane 2: (d, dmin) as two f16, one word a block.
@group(0) @binding(0) var<storage, read> weight: array<u32>;
@group(0) @binding(1) var<storage, read> scale: array<u32>;
@group(0) @binding(2) var<storage, read> high_bits: array<u32>;
const UNIT = 32u;
fn weight_scale(quad: u32) -> vec2f {
  return unpack2x16float(high_bits[quad >> 6u]);
}
fn weight_quad(quad: u32, dm: vec2f) -> vec4f {
  let block = quad >> 6u;
  let half = (quad >> 5u) & 1u;   // 128 elements each
  let part = (quad >> 3u) & 3u;   // 32 elements each
  let q = unpack4xU8((weight[block * 16u + half * 8u + (quad & 7u)] >> (part * 2u)) & 0x03030303u);
  let index = (quad & 63u) >> 2u;
  let sm = (scale[block * 4u + (index >> 2u)] >> ((index & 3u) * 8u)) & 0xffu;
  return dm.x * f32(sm & 15u) * vec4f(q) - dm.y * f32(sm >> 4u);
}
fn weight_unit(unit: u32) -> array<vec4f, 8> {
  let s = weight_scale(unit * 8u);
  let q = unit * 8u;
  return array<vec4f, 8>(
    weight_quad(q, s), weight_quad(q + 1u, s), weight_quad(q + 2u, s), weight_quad(q + 3u, s),
    weight_quad(q + 4u, s), weight_quad(q + 5u, s), weight_quad(q + 6u, s), weight_quad(q + 7u, s));
}
