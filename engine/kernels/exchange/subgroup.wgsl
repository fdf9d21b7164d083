// How lanes of a team hand each other values, and the entry point: by subgroup operations, for devices whose subgroups have at least
// TEAM lanes, in the order of the local index. `id` is what attend() is given: the lane's number among those it can reach.
fn lane_xor(value: f32, _id: u32, mask: u32) -> f32 {
  return subgroupShuffleXor(value, mask);
}
fn lane_at(value: f32, _id: u32, other: u32) -> f32 {
  return subgroupShuffle(value, other);
}
@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32, @builtin(subgroup_invocation_id) id: u32) {
  attend(group, lane, id);
}
