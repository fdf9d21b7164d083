// Weight accessor, BF16 packed two to a word (the upper half of a float32): one unit is 16 elements.
@group(0) @binding(0) var<storage, read> weight: array<vec4u>;
const UNIT = 16u;
fn bf16_pair(word: u32) -> vec2f {
  return bitcast<vec2f>(vec2u(word << 16u, word & 0xffff0000u));
}
fn weight_unit(unit: u32) -> array<vec4f, 4> {
  let a = weight[unit * 2u];
  let b = weight[unit * 2u + 1u];
  return array<vec4f, 4>(
    vec4f(bf16_pair(a.x), bf16_pair(a.y)), vec4f(bf16_pair(a.z), bf16_pair(a.w)),
    vec4f(bf16_pair(b.x), bf16_pair(b.y)), vec4f(bf16_pair(b.z), bf16_pair(b.w)));
}
fn weight_scale(_quad: u32) -> vec2f {
  return vec2f(1.0, 0.0);
}
fn weight_quad(quad: u32, _dm: vec2f) -> vec4f {
  let at = (quad & 1u) * 2u;
  return vec4f(bf16_pair(weight[quad >> 1u][at]), bf16_pair(weight[quad >> 1u][at + 1u]));
}
