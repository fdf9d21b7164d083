// Weight accessor, FP8 E4M3 with a scale for 128 neighbours: one unit is 32 elements, x = d * e4m3(code).
// Plane 0: a byte an element, 1 sign, 4 exponent (bias 7), 3 fraction bits; plane 1: d as f32, one for every 4 units of a row.
// Shifted to its place in a float, a code of 8 or more is 2^120 times too small, which adding 120 to the exponent repairs;
// codes below 8 are multiples of 2^-9; 127 is NaN, there is no infinity.
@group(0) @binding(0) var<storage, read> weight: array<vec4u>;
@group(0) @binding(1) var<storage, read> scale: array<f32>;
const UNIT = 32u;
fn e4m3(word: u32) -> vec4f {
  let code = unpack4xU8(word);
  let size = code & vec4u(127u);
  let normal = ((size << vec4u(20u)) + vec4u(120u << 23u)) | select(vec4u(), vec4u(0x7fc00000u), size == vec4u(127u));
  let small = bitcast<vec4u>(vec4f(size) * 0.001953125);
  return bitcast<vec4f>(select(normal, small, size < vec4u(8u)) | ((code & vec4u(128u)) << vec4u(24u)));
}
fn weight_unit(unit: u32) -> array<vec4f, 8> {
  let a = weight[unit * 2u];
  let b = weight[unit * 2u + 1u];
  let d = scale[unit >> 2u];
  return array<vec4f, 8>(
    d * e4m3(a.x), d * e4m3(a.y), d * e4m3(a.z), d * e4m3(a.w),
    d * e4m3(b.x), d * e4m3(b.y), d * e4m3(b.z), d * e4m3(b.w));
}
fn weight_scale(quad: u32) -> vec2f {
  return vec2f(scale[quad >> 5u], 0.0);
}
fn weight_quad(quad: u32, dm: vec2f) -> vec4f {
  return dm.x * e4m3(weight[quad >> 2u][quad & 3u]);
}
