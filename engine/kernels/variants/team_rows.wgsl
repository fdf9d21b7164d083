// The loop of variants/team over the units of K, each lane reading the activations it needs. In front: a weight accessor, and which of a
// lane's sums these weights go to: SUMS of them, 1, 2 or 4, from FIRST_SUM on.
const QUADS = UNIT / 4u;
fn gather_units(w_first: vec4u, columns: u32, lane: u32, sums: ptr<function, array<vec4f, N>>, squares: ptr<function, array<f32, N>>) {
  let units = columns / UNIT;
  let w_at = w_first * units;
  for (var u = lane % TEAM; u < units; u += TEAM) {
    // What SUMS leaves out is not read.
    let a = weight_unit(w_at[FIRST_SUM] + u);
    let b = weight_unit(w_at[min(FIRST_SUM + 1u, 3u)] + u);
    let c = weight_unit(w_at.z + u);
    let d = weight_unit(w_at.w + u);
    for (var r = 0u; r < N; r++) {
      for (var i = 0u; i < QUADS; i++) {
        let v = activation(r, u * QUADS + i);
        if (NORMS) {
          (*squares)[r] += square;
        }
        if (SUMS == 4u) {
          (*sums)[r] += vec4f(dot(a[i], v), dot(b[i], v), dot(c[i], v), dot(d[i], v));
        } else if (SUMS == 2u) {
          (*sums)[r] += of_half(vec2f(dot(a[i], v), dot(b[i], v)), FIRST_SUM);
        } else {
          (*sums)[r] += of_half(vec2f(dot(a[i], v), 0.0), FIRST_SUM);
        }
      }
    }
  }
}
