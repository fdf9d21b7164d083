// Matrices of variants/block_matrix for tests on a device whose subgroups all have LANES / TEAMS lanes and that has no subgroup matrices.
// A matrix is the place of its first value, read when it is multiplied; the lanes of a subgroup share its sums, dealt out in turn.
const SHARING = LANES / TEAMS;
const SHARE = MATRIX_SUMS / SHARING;
struct Weights {
  at: u32,
}
struct Activations {
  at: u32,
}
struct Sums {
  values: array<f32, SHARE>,
}

fn load_weights(at: u32) -> Weights {
  return Weights(at);
}
fn load_activations(at: u32) -> Activations {
  return Activations(at);
}
fn multiplied(w: Weights, x: Activations, before: Sums) -> Sums {
  var sums = before;
  let lane = subgroupExclusiveAdd(1u);
  let rolled = params.lane_rows >> 16u;
  for (var i = 0u; i < SHARE + rolled; i++) {
    let at = i * SHARING + lane;
    let w_at = w.at + (at % MATRIX_OUTPUTS) * PITCH;
    let x_at = x.at + (at / MATRIX_OUTPUTS) * PITCH;
    for (var k = 0u; k < MATRIX_DEPTH + rolled; k++) {
      sums.values[i] += f32(w_tile[w_at + k]) * f32(x_tile[x_at + k]);
    }
  }
  return sums;
}
fn keep_sums(at: u32, sums: Sums) {
  let lane = subgroupExclusiveAdd(1u);
  for (var i = 0u; i < SHARE + (params.lane_rows >> 16u); i++) {
    kept[at + i * SHARING + lane] = sums.values[i];
  }
}
