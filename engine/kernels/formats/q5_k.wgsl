// Weight accessor, Q5_K: as Q4_K with a fifth bit, x = d * sc * (nibble + 16 * bit) - dmin * mn.
// Planes 0 and 1 as in q4_k; plane 2: 32 bytes a block, bit j of byte i belongs to element i of sub-block j.
@group(0) @binding(0) var<storage, read> weight: array<u32>;
@group(0) @binding(1) var<storage, read> scale: array<u32>;
@group(0) @binding(2) var<storage, read> high_bits: array<u32>;
const UNIT = 32u;
// 6-bit scale and minimum of sub-block j, packed in 12 bytes: the four words from `at + 1`.
fn scale_byte(at: u32, i: u32) -> u32 {
  return (scale[at + 1u + (i >> 2u)] >> ((i & 3u) * 8u)) & 0xffu;
}
fn weight_scale(quad: u32) -> vec2f {
  let at = (quad >> 6u) * 4u;
  let j = (quad >> 3u) & 7u;
  let d = unpack2x16float(scale[at]);
  let near = vec2u(scale_byte(at, j & 3u), scale_byte(at, (j & 3u) + 4u));
  if (j < 4u) {
    return vec2f(d.x, -d.y) * vec2f(near & vec2u(63u));
  }
  let far = scale_byte(at, j + 4u);
  return vec2f(d.x, -d.y) * vec2f(vec2u(far & 15u, far >> 4u) | ((near >> vec2u(6u)) << vec2u(4u)));
}
fn weight_quad(quad: u32, dm: vec2f) -> vec4f {
  let block = quad >> 6u;
  let j = (quad >> 3u) & 7u;
  let low = (weight[block * 32u + (j >> 1u) * 8u + (quad & 7u)] >> ((j & 1u) * 4u)) & 0x0f0f0f0fu;
  let high = ((high_bits[block * 8u + (quad & 7u)] >> j) & 0x01010101u) << 4u;
  return dm.x * vec4f(unpack4xU8(low | high)) + dm.y;
}
fn weight_unit(unit: u32) -> array<vec4f, 8> {
  let s = weight_scale(unit * 8u);
  let q = unit * 8u;
  return array<vec4f, 8>(
    weight_quad(q, s), weight_quad(q + 1u, s), weight_quad(q + 2u, s), weight_quad(q + 3u, s),
    weight_quad(q + 4u, s), weight_quad(q + 5u, s), weight_quad(q + 6u, s), weight_quad(q + 7u, s));
}
