// Weight accessor, Q5_1: one unit is a block of 32, x = d * q + m. Plane 0: nibbles as in q4_0; plane 1: (d, m) as two f16, one word a block; plane 2: fifth bits, one word a block.
@group(0) @binding(0) var<storage, read> weight: array<vec4u>;
@group(0) @binding(1) var<storage, read> scale: array<u32>;
@group(0) @binding(2) var<storage, read> high_bits: array<u32>;
const UNIT = 32u;
// Four codes: nibbles in the bytes of codes, fifth bits in the low four bits of bits.
fn value4(codes: u32, bits: u32, dm: vec2f) -> vec4f {
  let fifth = ((vec4u(bits) >> vec4u(0u, 1u, 2u, 3u)) & vec4u(1u)) << vec4u(4u);
  let q = vec4f(unpack4xU8(codes) | fifth);
  return dm.x * q + dm.y;
}
fn weight_unit(unit: u32) -> array<vec4f, 8> {
  let q = weight[unit];
  let low = q & vec4u(0x0f0f0f0fu);
  let high = (q >> vec4u(4u)) & vec4u(0x0f0f0f0fu);
  let h = high_bits[unit];
  let dm = weight_scale(unit * 8u);
  return array<vec4f, 8>(
    value4(low.x, h, dm), value4(low.y, h >> 4u, dm), value4(low.z, h >> 8u, dm), value4(low.w, h >> 12u, dm),
    value4(high.x, h >> 16u, dm), value4(high.y, h >> 20u, dm), value4(high.z, h >> 24u, dm), value4(high.w, h >> 28u, dm));
}
fn weight_scale(quad: u32) -> vec2f {
  return unpack2x16float(scale[quad >> 3u]);
}
// Nibbles of one quad, one in each byte: low halves hold elements 0-15 of the block, high halves 16-31.
fn quad_codes(quad: u32) -> u32 {
  return (weight[quad >> 3u][quad & 3u] >> (quad & 4u)) & 0x0f0f0f0fu;
}
fn weight_quad(quad: u32, dm: vec2f) -> vec4f {
  return value4(quad_codes(quad), high_bits[quad >> 3u] >> ((quad & 7u) * 4u), dm);
}
