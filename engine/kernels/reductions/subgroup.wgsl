// team_sum and team_square by subgroupShuffleXor, for devices whose subgroups have at least TEAM lanes in the order of the local index.
fn team_sum(value: TeamSums, _lane: u32) -> TeamSums {
  var sum = value;
  for (var step = 1u; step < TEAM; step *= 2u) {
    sum += subgroupShuffleXor(sum, step);
  }
  return sum;
}
fn team_square(value: f32, _lane: u32) -> f32 {
  var sum = value;
  for (var step = 1u; step < TEAM; step *= 2u) {
    sum += subgroupShuffleXor(sum, step);
  }
  return sum;
}
