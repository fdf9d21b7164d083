// Weight accessor, Q6_K: blocks of 256, x = d * sc * (q - 32) with a signed scale for every 16 elements.
// Plane 0: ql, 128 bytes a block; plane 1: 16 int8 scales, then d as f16, five words a block; plane 2: qh, 64 bytes a block.
@group(0) @binding(0) var<storage, read> weight: array<u32>;
@group(0) @binding(1) var<storage, read> scale: array<u32>;
@group(0) @binding(2) var<storage, read> high_bits: array<u32>;
const UNIT = 32u;
// The block's d; the finer scale differs inside eight quads and is applied per quad.
fn weight_scale(quad: u32) -> vec2f {
  return vec2f(unpack2x16float(scale[(quad >> 6u) * 5u + 4u]).x, 0.0);
}
fn weight_quad(quad: u32, dm: vec2f) -> vec4f {
  let block = quad >> 6u;
  let half = (quad >> 5u) & 1u;   // 128 elements each
  let part = (quad >> 3u) & 3u;   // 32 elements each
  let l = quad & 7u;              // word inside the part
  let low = (weight[block * 32u + half * 16u + (part & 1u) * 8u + l] >> ((part >> 1u) * 4u)) & 0x0f0f0f0fu;
  let high = ((high_bits[block * 16u + half * 8u + l] >> (part * 2u)) & 0x03030303u) << 4u;
  let index = (quad & 63u) >> 2u; // scale of 16 elements
  let sc = unpack4xI8(scale[block * 5u + (index >> 2u)])[index & 3u];
  return dm.x * f32(sc) * (vec4f(unpack4xU8(low | high)) - 32.0);
}
fn weight_unit(unit: u32) -> array<vec4f, 8> {
  let s = weight_scale(unit * 8u);
  let q = unit * 8u;
  return array<vec4f, 8>(
    weight_quad(q, s), weight_quad(q + 1u, s), weight_quad(q + 2u, s), weight_quad(q + 3u, s),
    weight_quad(q + 4u, s), weight_quad(q + 5u, s), weight_quad(q + 6u, s), weight_quad(q + 7u, s));
}
