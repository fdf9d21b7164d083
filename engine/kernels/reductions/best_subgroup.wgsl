// largest, lowest and total of the LANES lanes of a workgroup by subgroup operations. Subgroups have at least SUBGROUP_MIN lanes, in the
// order of the local index; where one may not hold all lanes, each joins its own, and all lanes join what the subgroups found.
// Barriers: written before read, read before written again.
const SHARES = select(1u, LANES, LANES > SUBGROUP_MIN);
var<workgroup> words: array<u32, SHARES>;
var<workgroup> sums: array<vec2f, SHARES>;
fn largest(value: u32, lane: u32) -> u32 {
  var best = subgroupMax(value);
  if (LANES > SUBGROUP_MIN) {
    words[lane] = best;
    workgroupBarrier();
    for (var other = 0u; other < LANES; other += SUBGROUP_MIN) {
      best = max(best, words[other]);
    }
    workgroupBarrier();
  }
  return best;
}
fn lowest(value: u32, lane: u32) -> u32 {
  return ~largest(~value, lane);
}
fn total(value: f32, lane: u32) -> f32 {
  let own = subgroupAdd(value);
  if (LANES <= SUBGROUP_MIN) {
    return own;
  }
  // A subgroup is met once for every SUBGROUP_MIN of its lanes, so each time a part of its sum counts.
  sums[lane] = vec2f(own, subgroupAdd(1.0));
  workgroupBarrier();
  var all = 0.0;
  for (var other = 0u; other < LANES; other += SUBGROUP_MIN) {
    all += sums[other].x * (f32(SUBGROUP_MIN) / sums[other].y);
  }
  workgroupBarrier();
  return all;
}
