// largest, lowest and total as reductions/best_subgroup gives them where one subgroup holds all lanes, imitated in workgroup memory: for
// subgroups larger than those of the device at hand. Barriers: written before read, read before written again.
var<workgroup> words: array<u32, LANES>;
var<workgroup> sums: array<f32, LANES>;
fn largest(value: u32, lane: u32) -> u32 {
  words[lane] = value;
  workgroupBarrier();
  var best = 0u;
  for (var other = 0u; other < LANES; other++) {
    best = max(best, words[other]);
  }
  workgroupBarrier();
  return best;
}
fn lowest(value: u32, lane: u32) -> u32 {
  return ~largest(~value, lane);
}
fn total(value: f32, lane: u32) -> f32 {
  sums[lane] = value;
  workgroupBarrier();
  var all = 0.0;
  for (var other = 0u; other < LANES; other++) {
    all += sums[other];
  }
  workgroupBarrier();
  return all;
}
