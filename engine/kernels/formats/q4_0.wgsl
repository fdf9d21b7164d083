// Weight accessor, Q4_0: one unit is a block of 32, x = d * (q - 8). Plane 0: 16 bytes of nibbles (low: elements 0-15, high: 16-31); plane 1: d as f16, two to a word.
@group(0) @binding(0) var<storage, read> weight: array<vec4u>;
@group(0) @binding(1) var<storage, read> scale: array<u32>;
const UNIT = 32u;
fn value4(codes: u32, d: f32) -> vec4f {
  return d * (vec4f(unpack4xU8(codes)) - 8.0);
}
fn weight_unit(unit: u32) -> array<vec4f, 8> {
  let q = weight[unit];
  let low = q & vec4u(0x0f0f0f0fu);
  let high = (q >> vec4u(4u)) & vec4u(0x0f0f0f0fu);
  let d = weight_scale(unit * 8u).x;
  return array<vec4f, 8>(
    value4(low.x, d), value4(low.y, d), value4(low.z, d), value4(low.w, d),
    value4(high.x, d), value4(high.y, d), value4(high.z, d), value4(high.w, d));
}
fn weight_scale(quad: u32) -> vec2f {
  let unit = quad >> 3u;
  return vec2f(unpack2x16float(scale[unit >> 1u] >> ((unit & 1u) * 16u)).x, 0.0);
}
// Nibbles of one quad, one in each byte: low halves hold elements 0-15 of the block, high halves 16-31.
fn quad_codes(quad: u32) -> u32 {
  return (weight[quad >> 3u][quad & 3u] >> (quad & 4u)) & 0x0f0f0f0fu;
}
fn weight_quad(quad: u32, dm: vec2f) -> vec4f {
  return value4(quad_codes(quad), dm.x);
}
// The codes of a quad, less 8.
fn weight_codes(quad: u32) -> u32 {
  return pack4xI8(vec4i(unpack4xU8(quad_codes(quad))) - 8);
}
