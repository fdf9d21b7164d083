// team_sum by subgroupShuffleXor, for devices whose subgroups have at least TEAM lanes in the order of the local index.
fn team_sum(value: vec3f, _lane: u32) -> vec3f {
  var sum = value;
  for (var step = 1u; step < TEAM; step *= 2u) {
    sum += subgroupShuffleXor(sum, step);
  }
  return sum;
}
