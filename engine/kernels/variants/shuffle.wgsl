// Few rows times stored weights, fused with what comes before and after: the variant for subgroups of exactly 8 lanes.
// In front: a weight accessor, then a fusion (see fusions/), which names the rows of weights and activations, says the square of what
// it norms, and takes the sums.
// A workgroup is one subgroup. One lane owns OUT = 4 rows of weights for N rows of activations; each lane prepares one quad of
// activations and subgroupShuffle hands it to all, so what comes before is computed once for 32 outputs.
// No lane leaves early; rows past the end are clamped by the fusion when read and skipped when written.
const QUADS = UNIT / 4u;

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let block = group.x * 8u + lane;
  // N, as a number the compiler does not know if it is more than 1: unrolled, each access of memory takes long to compile.
  let rows = select(N + (params.units_per_row >> 24u), 1u, N == 1u);
  var acc: array<vec4f, N>;
  var squares: array<f32, N>;
  for (var slot = 0u; slot < slot_count(); slot++) {
    let base = first_weight_row(group.y, slot);
    if (base == NOT_HERE) {
      continue;
    }
    let w_at = (vec4u(base) + weight_rows(block)) * params.units_per_row;
    for (var u = 0u; u < params.units_per_row; u++) {
      var mine: array<vec4f, N>;
      for (var s = 0u; s < rows; s++) {
        let quad = activation(s, u * QUADS + lane % QUADS);
        for (var r = 0u; r < N; r++) {
          mine[r] = select(mine[r], quad, r == s);
          squares[r] += select(0.0, square, r == s);
        }
      }
      let a = weight_unit(w_at.x + u);
      let b = weight_unit(w_at.y + u);
      let c = weight_unit(w_at.z + u);
      let d = weight_unit(w_at.w + u);
      for (var i = 0u; i < QUADS; i++) {
        for (var r = 0u; r < N; r++) {
          let v = subgroupShuffle(mine[r], i);
          acc[r] += vec4f(dot(a[i], v), dot(b[i], v), dot(c[i], v), dot(d[i], v));
        }
      }
    }
  }
  for (var s = 0u; s < rows; s++) {
    var sums = acc[0];
    var sum_of_squares = squares[0];
    for (var r = 1u; r < N; r++) {
      sums = select(sums, acc[r], r == s);
      sum_of_squares = select(sum_of_squares, squares[r], r == s);
    }
    // With QUADS < 8 several lanes hold the same quad, so each square was counted 8 / QUADS times.
    finish(group.y, s, block, sums, subgroupAdd(sum_of_squares) * (f32(QUADS) / 8.0));
  }
}
