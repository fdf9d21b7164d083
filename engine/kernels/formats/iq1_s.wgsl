// Weight accessor, IQ1_S: blocks of 256 in 8 sub-blocks of 32, x = d * (2 s + 1) * (grid[code] + shift), 8 values a code of 11 bits.
// Plane 0: 48 bytes a block: 32 bytes of codes, then a halfword a sub-block: four times the upper 3 bits of a code, s of 3 bits, and
// whether the shift is -1/8 and not 1/8.
@group(0) @binding(0) var<storage, read> weight: array<u32>;
const BLOCK = 12u;  // words
fn high_bits(quad: u32) -> u32 {
  let j = (quad >> 3u) & 7u;
  return (weight[(quad >> 6u) * BLOCK + 8u + (j >> 1u)] >> ((j & 1u) * 16u)) & 0xffffu;
}
fn weight_scale(quad: u32) -> vec2f {
  let high = high_bits(quad);
  // The grid's numbers are one more than its values.
  return vec2f(block_scale(quad) * f32(2u * ((high >> 12u) & 7u) + 1u), select(-0.875, -1.125, high >= 0x8000u));
}
fn weight_quad(quad: u32, dm: vec2f) -> vec4f {
  let group = (quad >> 1u) & 3u;
  let low = (weight[(quad >> 6u) * BLOCK + ((quad >> 3u) & 7u)] >> (group * 8u)) & 0xffu;
  let high = (high_bits(quad) >> (group * 3u)) & 7u;
  let numbers = (grid[low | (high << 8u)] >> ((quad & 1u) * 4u)) & 0x0f0f0f0fu;
  return dm.x * (vec4f(unpack4xU8(numbers)) + dm.y);
}
