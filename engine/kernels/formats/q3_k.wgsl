// Weight accessor, Q3_K: blocks of 256, x = d * (sc - 32) * (q - 4 * (1 - bit)), 6-bit sc for every 16 elements.
// Plane 0: 64 bytes of 2-bit codes a block; plane 1: 12 bytes of scales, then d as f16, four words a block;
// plane 2: 32 bytes of third bits a block, bit (4 * half + part) of byte l.
@group(0) @binding(0) var<storage, read> weight: array<u32>;
@group(0) @binding(1) var<storage, read> scale: array<u32>;
@group(0) @binding(2) var<storage, read> high_bits: array<u32>;
const UNIT = 32u;
fn weight_scale(quad: u32) -> vec2f {
  return vec2f(unpack2x16float(scale[(quad >> 6u) * 4u + 3u]).x, 0.0);
}
fn scale_byte(at: u32, i: u32) -> u32 {
  return (scale[at + (i >> 2u)] >> ((i & 3u) * 8u)) & 0xffu;
}
fn weight_quad(quad: u32, dm: vec2f) -> vec4f {
  let block = quad >> 6u;
  let half = (quad >> 5u) & 1u;
  let part = (quad >> 3u) & 3u;
  let l = quad & 7u;
  let low = (weight[block * 16u + half * 8u + l] >> (part * 2u)) & 0x03030303u;
  let bits = ((high_bits[block * 8u + l] >> (half * 4u + part)) & 0x01010101u) << 2u;
  let index = (quad & 63u) >> 2u;
  // Low four bits of scale i: nibbles of bytes 0-7; upper two: bit pairs of bytes 8-11.
  let four = (scale_byte(block * 4u, index & 7u) >> ((index >> 3u) * 4u)) & 15u;
  let two = (scale_byte(block * 4u, 8u + (index & 3u)) >> ((index >> 2u) * 2u)) & 3u;
  let sc = f32(four | (two << 4u)) - 32.0;
  return dm.x * sc * (vec4f(unpack4xU8(low | bits)) - 4.0);
}
fn weight_unit(unit: u32) -> array<vec4f, 8> {
  let s = weight_scale(unit * 8u);
  let q = unit * 8u;
  return array<vec4f, 8>(
    weight_quad(q, s), weight_quad(q + 1u, s), weight_quad(q + 2u, s), weight_quad(q + 3u, s),
    weight_quad(q + 4u, s), weight_quad(q + 5u, s), weight_quad(q + 6u, s), weight_quad(q + 7u, s));
}
