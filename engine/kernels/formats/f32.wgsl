// Weight accessor, F32: one unit is 16 elements, four vec4f.
@group(0) @binding(0) var<storage, read> weight: array<vec4f>;
const UNIT = 16u;
fn weight_unit(unit: u32) -> array<vec4f, 4> {
  let at = unit * 4u;
  return array<vec4f, 4>(weight[at], weight[at + 1u], weight[at + 2u], weight[at + 3u]);
}
fn weight_scale(_quad: u32) -> vec2f {
  return vec2f(1.0, 0.0);
}
fn weight_quad(quad: u32, _dm: vec2f) -> vec4f {
  return weight[quad];
}
