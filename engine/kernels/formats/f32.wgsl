// Weight accessor, F32: one unit is 16 elements, four vec4f.
@group(0) @binding(0) var<storage, read> weight: array<vec4f>;
const UNIT = 16u;
fn weight_unit(unit: u32) -> array<vec4f, 4> {
  let at = unit * 4u;
  return array<vec4f, 4>(weight[at], weight[at + 1u], weight[at + 2u], weight[at + 3u]);
}
