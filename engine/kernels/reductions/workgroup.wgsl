// team_sum through workgroup memory, for any device: after the first barrier all values are written, after the last all are read.
var<workgroup> team_values: array<vec3f, WG>;
fn team_sum(value: vec3f, lane: u32) -> vec3f {
  team_values[lane] = value;
  workgroupBarrier();
  var sum = vec3f();
  if (lane % TEAM == 0u) {
    for (var i = 0u; i < TEAM; i++) {
      sum += team_values[lane + i];
    }
  }
  workgroupBarrier();
  return sum;
}
