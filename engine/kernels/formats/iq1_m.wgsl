// Weight accessor, IQ1_M: blocks of 256, x = d * (2 s + 1) * (grid[code] + shift), 8 values a code of 11 bits, 3-bit s for every 16 values.
// Plane 0: 48 bytes a block: 32 bytes of codes, then 4 bits a code: its upper 3 bits and whether the shift is -1/8 and not 1/8.
// Plane 1: four halfwords a block: 12 bits are four times s, the upper four of all are d as f16.
@group(0) @binding(0) var<storage, read> weight: array<u32>;
@group(0) @binding(1) var<storage, read> scale: array<u32>;
const BLOCK = 12u;  // words
// Of the first and the second 16 values.
fn weight_scale(quad: u32) -> vec2f {
  let at = (quad >> 6u) * 2u;
  let a = scale[at];
  let b = scale[at + 1u];
  let d = ((a >> 12u) & 0xfu) | ((a >> 24u) & 0xf0u) | ((b >> 4u) & 0xf00u) | ((b >> 16u) & 0xf000u);
  let j = (quad >> 3u) & 7u;
  let s = select(a, b, j >= 4u) >> (((j >> 1u) & 1u) * 16u + (j & 1u) * 6u);
  return unpack2x16float(d).x * vec2f(2u * (vec2u(s, s >> 3u) & vec2u(7u)) + 1u);
}
fn weight_quad(quad: u32, dm: vec2f) -> vec4f {
  let at = (quad >> 6u) * BLOCK;
  let group = (quad >> 1u) & 31u;
  let low = (weight[at + (group >> 2u)] >> ((group & 3u) * 8u)) & 0xffu;
  let high = (weight[at + 8u + (group >> 3u)] >> ((group & 7u) * 4u)) & 15u;
  let numbers = (grid[low | ((high & 7u) << 8u)] >> ((quad & 1u) * 4u)) & 0x0f0f0f0fu;
  let d = select(dm.x, dm.y, (group & 2u) != 0u);
  // The grid's numbers are one more than its values.
  return d * (vec4f(unpack4xU8(numbers)) + select(-0.875, -1.125, high >= 8u));
}
