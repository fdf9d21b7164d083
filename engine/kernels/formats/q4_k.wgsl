// Weight accessor, Q4_K: blocks of 256 in 8 sub-blocks of 32, x = d * sc * q - dmin * mn.
// Plane 0: 128 bytes of nibbles a block; plane 1: (d, dmin) as two f16 and 12 bytes of 6-bit scales, four words a block.
@group(0) @binding(0) var<storage, read> weight: array<u32>;
@group(0) @binding(1) var<storage, read> scale: array<u32>;
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
  let j = (quad >> 3u) & 7u;
  let word = weight[(quad >> 6u) * 32u + (j >> 1u) * 8u + (quad & 7u)];
  return dm.x * vec4f(unpack4xU8((word >> ((j & 1u) * 4u)) & 0x0f0f0f0fu)) + dm.y;
}
fn weight_unit(unit: u32) -> array<vec4f, 8> {
  let s = weight_scale(unit * 8u);
  let q = unit * 8u;
  return array<vec4f, 8>(
    weight_quad(q, s), weight_quad(q + 1u, s), weight_quad(q + 2u, s), weight_quad(q + 3u, s),
    weight_quad(q + 4u, s), weight_quad(q + 5u, s), weight_quad(q + 6u, s), weight_quad(q + 7u, s));
}
