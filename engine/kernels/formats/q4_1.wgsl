// Weight accessor, Q4_1: one unit is a block of 32, x = d * q + m. Plane 0: nibbles as in q4_0; plane 1: (d, m) as two f16, one word a block.
@group(0) @binding(0) var<storage, read> weight: array<vec4u>;
@group(0) @binding(1) var<storage, read> scale: array<u32>;
const UNIT = 32u;
fn value4(codes: u32, dm: vec2f) -> vec4f {
  return dm.x * vec4f(unpack4xU8(codes)) + dm.y;
}
fn weight_unit(unit: u32) -> array<vec4f, 8> {
  let q = weight[unit];
  let low = q & vec4u(0x0f0f0f0fu);
  let high = (q >> vec4u(4u)) & vec4u(0x0f0f0f0fu);
  let dm = weight_scale(unit * 8u);
  return array<vec4f, 8>(
    value4(low.x, dm), value4(low.y, dm), value4(low.z, dm), value4(low.w, dm),
    value4(high.x, dm), value4(high.y, dm), value4(high.z, dm), value4(high.w, dm));
}
fn weight_scale(quad: u32) -> vec2f {
  return unpack2x16float(scale[quad >> 3u]);
}
// Nibbles of one quad, one in each byte: low halves hold elements 0-15 of the block, high halves 16-31.
fn quad_codes(quad: u32) -> u32 {
  return (weight[quad >> 3u][quad & 3u] >> (quad & 4u)) & 0x0f0f0f0fu;
}
fn weight_quad(quad: u32, dm: vec2f) -> vec4f {
  return value4(quad_codes(quad), dm);
}
