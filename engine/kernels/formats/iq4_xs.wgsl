// Weight accessor, IQ4_XS: blocks of 256 in 8 sub-blocks of 32, x = d * (ls - 32) * table[q].
// Plane 0: 128 bytes of nibbles a block, a vector for each sub-block (low: elements 0-15, high: 16-31);
// plane 1: d as f16 and scales_h, then scales_l, two words a block.
@group(0) @binding(0) var<storage, read> weight: array<vec4u>;
@group(0) @binding(1) var<storage, read> scale: array<vec2u>;
const UNIT = 32u;
const table = array<f32, 16>(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);
fn weight_scale(quad: u32) -> vec2f {
  let packed = scale[quad >> 6u];
  let j = (quad >> 3u) & 7u;
  let low = (packed.y >> (j * 4u)) & 15u;
  let high = ((packed.x >> 16u) >> (j * 2u)) & 3u;
  return vec2f(unpack2x16float(packed.x).x * (f32(low | (high << 4u)) - 32.0), 0.0);
}
fn of_table(codes: u32, d: f32) -> vec4f {
  let q = unpack4xU8(codes);
  return d * vec4f(table[q.x], table[q.y], table[q.z], table[q.w]);
}
fn weight_quad(quad: u32, dm: vec2f) -> vec4f {
  return of_table((weight[quad >> 3u][quad & 3u] >> (quad & 4u)) & 0x0f0f0f0fu, dm.x);
}
fn weight_unit(unit: u32) -> array<vec4f, 8> {
  let d = weight_scale(unit * 8u).x;
  let codes = weight[unit];
  let low = codes & vec4u(0x0f0f0f0fu);
  let high = (codes >> vec4u(4u)) & vec4u(0x0f0f0f0fu);
  return array<vec4f, 8>(
    of_table(low.x, d), of_table(low.y, d), of_table(low.z, d), of_table(low.w, d),
    of_table(high.x, d), of_table(high.y, d), of_table(high.z, d), of_table(high.w, d));
}
