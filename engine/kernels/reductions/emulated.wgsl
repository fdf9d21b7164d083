// team_sum and team_square as reductions/subgroup computes them, step by step, with subgroupShuffleXor imitated in workgroup memory: so
// the order of lanes and of sums is tested for subgroups larger than those of the device at hand. Two barriers a step: written before
// read, read before written.
var<workgroup> imitated: array<TeamSums, WG>;
var<workgroup> imitated_squares: array<f32, WG>;
fn team_sum(value: TeamSums, lane: u32) -> TeamSums {
  var sum = value;
  for (var step = 1u; step < TEAM; step *= 2u) {
    imitated[lane] = sum;
    workgroupBarrier();
    sum += imitated[lane ^ step];
    workgroupBarrier();
  }
  return sum;
}
fn team_square(value: f32, lane: u32) -> f32 {
  var sum = value;
  for (var step = 1u; step < TEAM; step *= 2u) {
    imitated_squares[lane] = sum;
    workgroupBarrier();
    sum += imitated_squares[lane ^ step];
    workgroupBarrier();
  }
  return sum;
}
