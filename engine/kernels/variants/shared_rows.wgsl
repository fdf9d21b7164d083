// The loop of variants/team over the units of K, with activations that the whole workgroup shares: its lanes read them side by side, norm or
// gate them once and leave them in shared_quads, SHARED_QUADS of them at a time. In front: a weight accessor, and which of a lane's sums
// these weights go to: SUMS of them, 1, 2 or 4, from FIRST_SUM on.
// Unit u, quad i of row r is at (r QUADS + i) PITCH + u: neighbouring lanes read neighbouring quads, and those that are written side by
// side are in different banks. Barriers: written before read, read before written again.
const QUADS = UNIT / 4u;
// Units at a time, a whole number for each lane of a team.
const SPAN = SHARED_QUADS / (N * QUADS) / TEAM * TEAM;
const PITCH = SPAN + 1u;
fn gather_units(w_first: vec4u, columns: u32, lane: u32, sums: ptr<function, array<vec4f, N>>, squares: ptr<function, array<f32, N>>) {
  let units = columns / UNIT;
  let w_at = w_first * units;
  for (var first = 0u; first < units; first += SPAN) {
    let span = min(SPAN, units - first);
    for (var r = 0u; r < N; r++) {
      for (var q = lane; q < span * QUADS; q += WG) {
        shared_quads[(r * QUADS + q % QUADS) * PITCH + q / QUADS] = activation(r, first * QUADS + q);
        if (NORMS) {
          (*squares)[r] += square;
        }
      }
    }
    workgroupBarrier();
    for (var u = lane % TEAM; u < span; u += TEAM) {
      // What SUMS leaves out is not read.
      let a = weight_unit(w_at[FIRST_SUM] + first + u);
      let b = weight_unit(w_at[min(FIRST_SUM + 1u, 3u)] + first + u);
      let c = weight_unit(w_at.z + first + u);
      let d = weight_unit(w_at.w + first + u);
      for (var r = 0u; r < N; r++) {
        for (var i = 0u; i < QUADS; i++) {
          let v = shared_quads[(r * QUADS + i) * PITCH + u];
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
    workgroupBarrier();
  }
}
