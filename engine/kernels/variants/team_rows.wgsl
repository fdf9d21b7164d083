// The loop of variants/team over the units of K. In front: a weight accessor, and which of a lane's sums these weights go to: SUMS of
// them from FIRST_SUM on.
const QUADS = UNIT / 4u;
fn gather_units(w_first: vec4u, columns: u32, lane: u32, sums: ptr<function, array<vec4f, N>>, squares: ptr<function, array<f32, N>>) {
  let units = columns / UNIT;
  let w_at = w_first * units;
  for (var u = lane % TEAM; u < units; u += TEAM) {
    for (var c = 0u; c < SUMS; c += 2u) {
      let a = weight_unit(w_at[FIRST_SUM + c] + u);
      let b = weight_unit(w_at[FIRST_SUM + min(c + 1u, SUMS - 1u)] + u);
      for (var r = 0u; r < N; r++) {
        for (var i = 0u; i < QUADS; i++) {
          let v = activation(r, u * QUADS + i);
          (*sums)[r][FIRST_SUM + c] += dot(a[i], v);
          if (SUMS > 1u) {
            (*sums)[r][FIRST_SUM + c + 1u] += dot(b[i], v);
          }
          if (c == 0u) {
            (*squares)[r] += square;
          }
        }
      }
    }
  }
}
