// Weight accessor, TQ2_0: blocks of 256, x = d * (q - 1). Plane 0: 64 bytes of 2-bit codes a block, as in Q2_K.
@group(0) @binding(0) var<storage, read> weight: array<u32>;
fn weight_scale(quad: u32) -> vec2f {
  return vec2f(block_scale(quad), 0.0);
}
fn weight_quad(quad: u32, dm: vec2f) -> vec4f {
  let half = (quad >> 5u) & 1u;   // 128 elements each
  let part = (quad >> 3u) & 3u;   // 32 elements each
  let q = (weight[(quad >> 6u) * 16u + half * 8u + (quad & 7u)] >> (part * 2u)) & 0x03030303u;
  return dm.x * (vec4f(unpack4xU8(q)) - 1.0);
}
