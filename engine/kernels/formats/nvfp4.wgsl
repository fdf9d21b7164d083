// Weight accessor, NVFP4: blocks of 64 in 4 sub-blocks of 16, x = f * e4m3(s) / 2 * table[q] (doubled FP4 values).
// Plane 0: 32 bytes of nibbles a block (8 bytes a sub-block, low: elements 0-7, high: 8-15); plane 1: a byte s a sub-block, without a
// sign, 127 counts as zero; plane 2: f as f32, one a block.
@group(0) @binding(0) var<storage, read> weight: array<u32>;
@group(0) @binding(1) var<storage, read> scale: array<u32>;
@group(0) @binding(2) var<storage, read> tensor_scale: array<f32>;
const table = array<f32, 16>(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);
fn half_of_e4m3(byte: u32) -> f32 {
  let size = byte & 127u;
  let normal = bitcast<f32>((size << 20u) + (119u << 23u));
  return select(select(normal, f32(size) * 0.0009765625, size < 8u), 0.0, byte == 127u);
}
// Of the first and the second 16 values.
fn weight_scale(quad: u32) -> vec2f {
  let both = scale[quad >> 4u] >> ((quad & 8u) * 2u);
  return tensor_scale[quad >> 4u] * vec2f(half_of_e4m3(both & 0xffu), half_of_e4m3((both >> 8u) & 0xffu));
}
fn weight_quad(quad: u32, dm: vec2f) -> vec4f {
  let word = weight[(quad >> 2u) * 2u + (quad & 1u)];
  let q = unpack4xU8((word >> ((quad & 2u) * 2u)) & 0x0f0f0f0fu);
  return select(dm.x, dm.y, (quad & 4u) != 0u) * vec4f(table[q.x], table[q.y], table[q.z], table[q.w]);
}
