// Weight accessor, Q5_K: as Q4_K with a fifth bit, x = d * sc * (nibble + 16 * bit) - dmin * mn.
// Planes 0 and 1 as in q4_k; plane 2: 32 bytes a block, two vectors, bit j of byte i belongs to element i of sub-block j.
@group(0) @binding(0) var<storage, read> weight: array<vec4u>;
@group(0) @binding(1) var<storage, read> scale: array<vec4u>;
@group(0) @binding(2) var<storage, read> high_bits: array<vec4u>;
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
  let block = quad >> 6u;
  let j = (quad >> 3u) & 7u;
  let half = (quad >> 2u) & 1u;
  let low = (weight[block * 8u + (j >> 1u) * 2u + half][quad & 3u] >> ((j & 1u) * 4u)) & 0x0f0f0f0fu;
  let high = ((high_bits[block * 2u + half][quad & 3u] >> j) & 0x01010101u) << 4u;
  return dm.x * vec4f(unpack4xU8(low | high)) + dm.y;
}
fn weight_unit(unit: u32) -> array<vec4f, 8> {
  let s = weight_scale(unit * 8u);
  let block = unit >> 3u;
  let j = unit & 7u;
  let at = block * 8u + (j >> 1u) * 2u;
  let shift = vec4u((j & 1u) * 4u);
  let bit = vec4u(j);
  let a = ((weight[at] >> shift) & vec4u(0x0f0f0f0fu))
    | (((high_bits[block * 2u] >> bit) & vec4u(0x01010101u)) << vec4u(4u));
  let b = ((weight[at + 1u] >> shift) & vec4u(0x0f0f0f0fu))
    | (((high_bits[block * 2u + 1u] >> bit) & vec4u(0x01010101u)) << vec4u(4u));
  return array<vec4f, 8>(
    s.x * vec4f(unpack4xU8(a.x)) + s.y, s.x * vec4f(unpack4xU8(a.y)) + s.y,
    s.x * vec4f(unpack4xU8(a.z)) + s.y, s.x * vec4f(unpack4xU8(a.w)) + s.y,
    s.x * vec4f(unpack4xU8(b.x)) + s.y, s.x * vec4f(unpack4xU8(b.y)) + s.y,
    s.x * vec4f(unpack4xU8(b.z)) + s.y, s.x * vec4f(unpack4xU8(b.w)) + s.y);
}
