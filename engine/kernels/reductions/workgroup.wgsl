// team_sum and team_square through workgroup memory, for any device: after the first barrier all values are written, after the last all
// are read.
var<workgroup> team_values: array<TeamSums, WG>;
var<workgroup> team_squares: array<f32, WG>;
fn team_sum(value: TeamSums, lane: u32) -> TeamSums {
  team_values[lane] = value;
  workgroupBarrier();
  var sum = TeamSums();
  if (lane % TEAM == 0u) {
    for (var i = 0u; i < TEAM; i++) {
      sum += team_values[lane + i];
    }
  }
  workgroupBarrier();
  return sum;
}
fn team_square(value: f32, lane: u32) -> f32 {
  team_squares[lane] = value;
  workgroupBarrier();
  var sum = 0.0;
  if (lane % TEAM == 0u) {
    for (var i = 0u; i < TEAM; i++) {
      sum += team_squares[lane + i];
    }
  }
  workgroupBarrier();
  return sum;
}
