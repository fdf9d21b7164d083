// The loop of variants/shuffle over the units of K. In front: a weight accessor, and which of a lane's sums these weights go to: SUMS
// of them, 4 or 2, from FIRST_SUM on.
const QUADS = UNIT / 4u;
fn gather_units(w_first: vec4u, columns: u32, lane: u32, sums: ptr<function, array<vec4f, N>>, squares: ptr<function, array<f32, N>>) {
  let units = columns / UNIT;
  let w_at = w_first * units;
  // N, as a number the compiler does not know if it is more than 1: unrolled, each access of memory takes long to compile.
  let rows = select(N + (columns >> 24u), 1u, N == 1u);
  // With QUADS < 8 several lanes hold the same quad, so each square is counted 8 / QUADS times.
  let share = f32(QUADS) / 8.0;
  for (var u = 0u; u < units; u++) {
    var mine: array<vec4f, N>;
    for (var s = 0u; s < rows; s++) {
      let quad = activation(s, u * QUADS + lane % QUADS);
      for (var r = 0u; r < N; r++) {
        mine[r] = select(mine[r], quad, r == s);
        (*squares)[r] += select(0.0, square * share, r == s);
      }
    }
    let a = weight_unit(w_at[FIRST_SUM] + u);
    let b = weight_unit(w_at[FIRST_SUM + 1u] + u);
    if (SUMS == 2u) {
      for (var i = 0u; i < QUADS; i++) {
        for (var r = 0u; r < N; r++) {
          let v = subgroupShuffle(mine[r], i);
          (*sums)[r][FIRST_SUM] += dot(a[i], v);
          (*sums)[r][FIRST_SUM + 1u] += dot(b[i], v);
        }
      }
    } else {
      let c = weight_unit(w_at.z + u);
      let d = weight_unit(w_at.w + u);
      for (var i = 0u; i < QUADS; i++) {
        for (var r = 0u; r < N; r++) {
          let v = subgroupShuffle(mine[r], i);
          (*sums)[r] += vec4f(dot(a[i], v), dot(b[i], v), dot(c[i], v), dot(d[i], v));
        }
      }
    }
  }
}
