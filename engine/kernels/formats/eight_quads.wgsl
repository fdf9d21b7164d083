// Behind an accessor: a unit of 32 as eight quads of one scale.
const UNIT = 32u;
fn weight_unit(unit: u32) -> array<vec4f, 8> {
  let q = unit * 8u;
  let s = weight_scale(q);
  return array<vec4f, 8>(
    weight_quad(q, s), weight_quad(q + 1u, s), weight_quad(q + 2u, s), weight_quad(q + 3u, s),
    weight_quad(q + 4u, s), weight_quad(q + 5u, s), weight_quad(q + 6u, s), weight_quad(q + 7u, s));
}
