// Weight accessor, F16 packed two to a word: one unit is 16 elements. Needs no shader-f16.
@group(0) @binding(0) var<storage, read> weight: array<vec4u>;
const UNIT = 16u;
fn weight_unit(unit: u32) -> array<vec4f, 4> {
  let a = weight[unit * 2u];
  let b = weight[unit * 2u + 1u];
  return array<vec4f, 4>(
    vec4f(unpack2x16float(a.x), unpack2x16float(a.y)),
    vec4f(unpack2x16float(a.z), unpack2x16float(a.w)),
    vec4f(unpack2x16float(b.x), unpack2x16float(b.y)),
    vec4f(unpack2x16float(b.z), unpack2x16float(b.w)));
}
fn weight_scale(_quad: u32) -> vec2f {
  return vec2f(1.0, 0.0);
}
fn weight_quad(quad: u32, _dm: vec2f) -> vec4f {
  let at = (quad & 1u) * 2u;
  return vec4f(unpack2x16float(weight[quad >> 1u][at]), unpack2x16float(weight[quad >> 1u][at + 1u]));
}
