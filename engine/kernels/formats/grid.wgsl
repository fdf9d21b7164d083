// Behind the accessors of types with a grid: the grid, and values with their signs.
@group(0) @binding(2) var<storage, read> grid: array<u32>;
// The sign of value i is bit i of `signs`.
fn signed_quad(values: u32, signs: u32) -> vec4f {
  let size = vec4f(unpack4xU8(values));
  return select(size, -size, (vec4u(signs) & vec4u(1u, 2u, 4u, 8u)) != vec4u());
}
// Signs of eight values from seven bits: an even number of them is negative.
fn even_signs(bits: u32) -> u32 {
  return bits | ((countOneBits(bits) & 1u) << 7u);
}
