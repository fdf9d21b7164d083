// Weight accessor, Q8_0: one unit is a block of 32, x = d * q. Plane 0: int8 codes, 32 bytes a block; plane 1: d as f16, two to a word.
@group(0) @binding(0) var<storage, read> weight: array<vec4u>;
@group(0) @binding(1) var<storage, read> scale: array<u32>;
const UNIT = 32u;
fn weight_unit(unit: u32) -> array<vec4f, 8> {
  let a = weight[unit * 2u];
  let b = weight[unit * 2u + 1u];
  let d = weight_scale(unit * 8u).x;
  return array<vec4f, 8>(
    d * vec4f(unpack4xI8(a.x)), d * vec4f(unpack4xI8(a.y)), d * vec4f(unpack4xI8(a.z)), d * vec4f(unpack4xI8(a.w)),
    d * vec4f(unpack4xI8(b.x)), d * vec4f(unpack4xI8(b.y)), d * vec4f(unpack4xI8(b.z)), d * vec4f(unpack4xI8(b.w)));
}
fn weight_scale(quad: u32) -> vec2f {
  let unit = quad >> 3u;
  return vec2f(unpack2x16float(scale[unit >> 1u] >> ((unit & 1u) * 16u)).x, 0.0);
}
fn weight_quad(quad: u32, dm: vec2f) -> vec4f {
  return dm.x * vec4f(unpack4xI8(weight[quad >> 2u][quad & 3u]));
}
// The codes of a quad.
fn weight_codes(quad: u32) -> u32 {
  return weight[quad >> 2u][quad & 3u];
}
