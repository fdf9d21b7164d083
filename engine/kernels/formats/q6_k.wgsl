// Weight accessor, Q6_K: blocks of 256, x = d * sc * (q - 32) with a signed scale for every 16 elements.
// Plane 0: ql, 128 bytes a block, eight vectors; plane 1: 16 int8 scales, then d as f16, five words a block; plane 2: qh, 64 bytes a
// block, four vectors.
@group(0) @binding(0) var<storage, read> weight: array<vec4u>;
@group(0) @binding(1) var<storage, read> scale: array<u32>;
@group(0) @binding(2) var<storage, read> high_bits: array<vec4u>;
const UNIT = 32u;
// The block's d; the finer scale differs inside eight quads and is applied per quad.
fn weight_scale(quad: u32) -> vec2f {
  return vec2f(unpack2x16float(scale[(quad >> 6u) * 5u + 4u]).x, 0.0);
}
fn weight_quad(quad: u32, dm: vec2f) -> vec4f {
  let block = quad >> 6u;
  let half = (quad >> 5u) & 1u;   // 128 elements each
  let part = (quad >> 3u) & 3u;   // 32 elements each
  let at = (quad >> 2u) & 1u;     // vector inside the part
  let low = (weight[block * 8u + half * 4u + (part & 1u) * 2u + at][quad & 3u] >> ((part >> 1u) * 4u)) & 0x0f0f0f0fu;
  let high = ((high_bits[block * 4u + half * 2u + at][quad & 3u] >> (part * 2u)) & 0x03030303u) << 4u;
  let index = (quad & 63u) >> 2u; // scale of 16 elements
  let sc = unpack4xI8(scale[block * 5u + (index >> 2u)])[index & 3u];
  return dm.x * f32(sc) * (vec4f(unpack4xU8(low | high)) - 32.0);
}
fn weight_unit(unit: u32) -> array<vec4f, 8> {
  let block = unit >> 3u;
  let half = (unit >> 2u) & 1u;
  let part = unit & 3u;
  let at = block * 8u + half * 4u + (part & 1u) * 2u;
  let high_at = block * 4u + half * 2u;
  let shift = vec4u((part >> 1u) * 4u);
  let high_shift = vec4u(part * 2u);
  let a = ((weight[at] >> shift) & vec4u(0x0f0f0f0fu))
    | (((high_bits[high_at] >> high_shift) & vec4u(0x03030303u)) << vec4u(4u));
  let b = ((weight[at + 1u] >> shift) & vec4u(0x0f0f0f0fu))
    | (((high_bits[high_at + 1u] >> high_shift) & vec4u(0x03030303u)) << vec4u(4u));
  // Two of the block's 16 scales, which lie in one word.
  let scales = unpack4xI8(scale[block * 5u + ((unit & 7u) >> 1u)] >> ((unit & 1u) * 16u));
  let d = weight_scale(unit * 8u).x * vec2f(scales.xy);
  return array<vec4f, 8>(
    d.x * (vec4f(unpack4xU8(a.x)) - 32.0), d.x * (vec4f(unpack4xU8(a.y)) - 32.0),
    d.x * (vec4f(unpack4xU8(a.z)) - 32.0), d.x * (vec4f(unpack4xU8(a.w)) - 32.0),
    d.y * (vec4f(unpack4xU8(b.x)) - 32.0), d.y * (vec4f(unpack4xU8(b.y)) - 32.0),
    d.y * (vec4f(unpack4xU8(b.z)) - 32.0), d.y * (vec4f(unpack4xU8(b.w)) - 32.0));
}
