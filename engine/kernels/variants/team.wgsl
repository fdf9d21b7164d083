// Few rows times stored weights, fused with what comes before and after: the variant for GPUs.
// In front: a weight accessor, then a fusion (see fusions/), which names the rows of weights and activations, says the square of what
// it norms, and takes the sums, and team_sum (see reductions/), which adds over the TEAM lanes of a team.
// A team of TEAM neighbouring lanes owns OUT = 2 rows of weights for N rows of activations: its lanes take the units of K in turn,
// so that neighbours read neighbouring bytes. WG lanes are WG / TEAM teams; after GROUPS_X workgroups in x they go on in z.
// No lane leaves early: team_sum may hold barriers.
const QUADS = UNIT / 4u;

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let block = (group.z * GROUPS_X + group.x) * (WG / TEAM) + lane / TEAM;
  let rank = lane % TEAM;
  var acc: array<vec2f, N>;
  var squares: array<f32, N>;
  for (var slot = 0u; slot < slot_count(); slot++) {
    let base = first_weight_row(group.y, slot);
    if (base == NOT_HERE) {
      continue;
    }
    let w_at = (vec2u(base) + weight_rows(block).xy) * params.units_per_row;
    for (var u = rank; u < params.units_per_row; u += TEAM) {
      let a = weight_unit(w_at.x + u);
      let b = weight_unit(w_at.y + u);
      for (var r = 0u; r < N; r++) {
        for (var i = 0u; i < QUADS; i++) {
          let v = activation(r, u * QUADS + i);
          acc[r] += vec2f(dot(a[i], v), dot(b[i], v));
          squares[r] += square;
        }
      }
    }
  }
  for (var r = 0u; r < N; r++) {
    let sum = team_sum(vec3f(acc[r], squares[r]), lane);
    if (rank == 0u) {
      finish(group.y, r, block, vec4f(sum.xy, 0.0, 0.0), sum.z);
    }
  }
}
