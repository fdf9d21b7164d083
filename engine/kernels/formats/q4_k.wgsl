// Weight accessor, Q4_K: blocks of 256 in 8 sub-blocks of 32, x = d * sc * q - dmin * mn.
// Plane 0: 128 bytes of nibbles a block, eight vectors; plane 1: (d, dmin) as two f16 and 12 bytes of 6-bit scales, one vector a block.
@group(0) @binding(0) var<storage, read> weight: array<vec4u>;
@group(0) @binding(1) var<storage, read> scale: array<vec4u>;
const UNIT = 32u;
fn weight_scale(quad: u32) -> vec2f {
  let packed = scale[quad >> 6u];
  let d = unpack2x16float(packed.x);
  let j = (quad >> 3u) & 7u;
  let shift = (j & 3u) * 8u;
  // Scale and minimum of sub-block j < 4 are the lower six bits of two bytes; the others' upper two bits are above them.
  let near = vec2u(packed.y, packed.z) >> vec2u(shift);
  let far = packed.w >> shift;
  let high = vec2u(far & 15u, (far >> 4u) & 15u) | (((near >> vec2u(6u)) & vec2u(3u)) << vec2u(4u));
  return vec2f(d.x, -d.y) * vec2f(select(high, near & vec2u(63u), j < 4u));
}
fn weight_quad(quad: u32, dm: vec2f) -> vec4f {
  let j = (quad >> 3u) & 7u;
  let word = weight[(quad >> 6u) * 8u + (j >> 1u) * 2u + ((quad >> 2u) & 1u)][quad & 3u];
  return dm.x * vec4f(unpack4xU8((word >> ((j & 1u) * 4u)) & 0x0f0f0f0fu)) + dm.y;
}
fn weight_unit(unit: u32) -> array<vec4f, 8> {
  let s = weight_scale(unit * 8u);
  let j = unit & 7u;
  let at = (unit >> 3u) * 8u + (j >> 1u) * 2u;
  let shift = vec4u((j & 1u) * 4u);
  let a = (weight[at] >> shift) & vec4u(0x0f0f0f0fu);
  let b = (weight[at + 1u] >> shift) & vec4u(0x0f0f0f0fu);
  return array<vec4f, 8>(
    s.x * vec4f(unpack4xU8(a.x)) + s.y, s.x * vec4f(unpack4xU8(a.y)) + s.y,
    s.x * vec4f(unpack4xU8(a.z)) + s.y, s.x * vec4f(unpack4xU8(a.w)) + s.y,
    s.x * vec4f(unpack4xU8(b.x)) + s.y, s.x * vec4f(unpack4xU8(b.y)) + s.y,
    s.x * vec4f(unpack4xU8(b.z)) + s.y, s.x * vec4f(unpack4xU8(b.w)) + s.y);
}
