// Few rows times stored weights, fused with what comes before and after: the variant for GPUs.
// In front: for each matrix an accessor and variants/team_rows, with `gather`, which takes one of them; a fusion (see fusions/), which
// names the rows of weights and activations, says the square of what it norms, and takes the sums; and team_sum (see reductions/),
// which adds over the TEAM lanes of a team.
// A team of TEAM neighbouring lanes owns OUT rows of weights for N rows of activations: its lanes take the units of K in turn,
// so that neighbours read neighbouring bytes. WG lanes are WG / TEAM teams; after GROUPS_X workgroups in x they go on in z. No lane leaves early: team_sum may hold barriers.
struct Place {
  matrix: u32,
  row: u32,
  columns: u32,
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let group = vec3u(id.z * GROUPS_X + id.x, id.y, 0u);
  let block = (group.x - groups_before(group.x)) * (WG / TEAM) + lane / TEAM;
  var sums: array<vec4f, N>;
  var squares: array<f32, N>;
  for (var slot = 0u; slot < slot_count(); slot++) {
    let place = place_of(group, slot);
    if (place.row != NOT_HERE) {
      let rows = vec4u(place.row) + weight_rows(place.matrix, block);
      gather(place.matrix, rows, place.columns, lane, &sums, &squares);
    }
  }
  for (var r = 0u; r < N; r++) {
    let sum = team_sum(vec3f(sums[r].xy, squares[r]), lane);
    if (lane % TEAM == 0u) {
      finish(group, r, block, vec4f(sum.xy, 0.0, 0.0), sum.z);
    }
  }
}
