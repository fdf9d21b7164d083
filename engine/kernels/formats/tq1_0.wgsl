// Weight accessor, TQ1_0: blocks of 256, x = d * (q - 1), q in 0 … 2, as the digits of a fraction to the base of 3.
// Plane 0: 52 bytes a block: 32 bytes of five digits 32 values apart, 16 bytes of five digits 16 apart, 4 bytes of four digits 4 apart.
@group(0) @binding(0) var<storage, read> weight: array<u32>;
fn weight_scale(quad: u32) -> vec2f {
  return vec2f(block_scale(quad), 0.0);
}
fn weight_quad(quad: u32, dm: vec2f) -> vec4f {
  const powers = array<u32, 5>(1, 3, 9, 27, 81);
  let q = quad & 63u;
  var place = vec2u(q & 7u, q >> 3u);  // word, digit
  if (q >= 60u) {
    place = vec2u(12u, q - 60u);
  } else if (q >= 40u) {
    place = vec2u(8u + (q & 3u), (q - 40u) >> 2u);
  }
  let fraction = (unpack4xU8(weight[(quad >> 6u) * 13u + place.x]) * powers[place.y]) & vec4u(255u);
  return dm.x * (vec4f((fraction * 3u) >> vec4u(8u)) - 1.0);
}
