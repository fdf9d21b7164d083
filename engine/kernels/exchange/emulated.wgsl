// The same as exchange/subgroup, imitated in workgroup memory: so the order of lanes and of sums is tested for subgroups larger than
// those of the device at hand. Two barriers each: written before read, read before written.
var<workgroup> imitated: array<f32, WG>;
fn lane_at(value: f32, id: u32, other: u32) -> f32 {
  imitated[id] = value;
  workgroupBarrier();
  let its = imitated[other];
  workgroupBarrier();
  return its;
}
fn lane_xor(value: f32, id: u32, mask: u32) -> f32 {
  return lane_at(value, id, id ^ mask);
}
@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  attend(group, lane, lane);
}
