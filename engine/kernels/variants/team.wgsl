// Few rows times stored weights, fused with what comes before and after: the variant for GPUs.
// In front: for each matrix an accessor and a loop over K, variants/team_rows or variants/shared_rows, with `gather`, which takes one of
// them; a fusion (see fusions/), which names the rows of weights and activations, says the square of what it NORMS, and takes the
// sums; and team_sum and team_square (see reductions/), which add over the TEAM lanes of a team.
// A team of TEAM neighbouring lanes owns OUT rows of weights for N rows of activations: its lanes take the units of K in turn,
// so that neighbours read neighbouring bytes. WG lanes are WG / TEAM teams; after GROUPS_X workgroups in x they go on in z. No lane leaves early: team_sum may hold barriers.
struct Place {
  matrix: u32,
  row: u32,
  columns: u32,
}
// Sums that begin at one of a lane's four.
fn of_half(pair: vec2f, first: u32) -> vec4f {
  if (first == 0u) {
    return vec4f(pair, 0.0, 0.0);
  }
  return select(vec4f(0.0, 0.0, pair), vec4f(0.0, pair, 0.0), first == 1u);
}

var<workgroup> group_squares: array<f32, select(1u, WG, SHARED)>;

// What the lane adds to its team's sum of squares: each lane has those of the quads it read itself.
fn square_share(square: f32, lane: u32) -> f32 {
  if (!SHARED) {
    return square;
  }
  // The workgroup's teams read together: every team adds up all of it. Written before read, read before written again.
  group_squares[lane] = square;
  workgroupBarrier();
  var sum = 0.0;
  for (var other = lane % TEAM; other < WG; other += TEAM) {
    sum += group_squares[other];
  }
  workgroupBarrier();
  return sum;
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
    let sum = team_sum(narrowed(sums[r]), lane);
    var square_sum = 0.0;
    if (NORMS) {
      square_sum = team_square(square_share(squares[r], lane), lane);
    }
    if (lane % TEAM == 0u) {
      finish(group, r, block, widened(sum), square_sum);
    }
  }
}
