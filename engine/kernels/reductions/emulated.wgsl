// team_sum as reductions/subgroup computes it, step by step, with subgroupShuffleXor imitated in workgroup memory: so the order of lanes
// and of sums is tested for subgroups larger than those of the device at hand. Two barriers a step: written before read, read before written.
var<workgroup> imitated: array<vec3f, WG>;
fn shuffle_xor(value: vec3f, lane: u32, mask: u32) -> vec3f {
  imitated[lane] = value;
  workgroupBarrier();
  let other = imitated[lane ^ mask];
  workgroupBarrier();
  return other;
}
fn team_sum(value: vec3f, lane: u32) -> vec3f {
  var sum = value;
  for (var step = 1u; step < TEAM; step *= 2u) {
    sum += shuffle_xor(sum, lane, step);
  }
  return sum;
}
