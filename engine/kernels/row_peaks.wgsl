// found[t, PEAKS + s] = the largest key of slice s of x[t, :]; the counters of the row become 0. The first step of a draw.
// x: f32 [T, width], found: u32 [T, ROW], see draw/order. One workgroup owns every GROUPS-th
// slice, a range of ceil(width / SLICES) values. Barriers: the lanes' keys before they are compared, and before the next ones.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> found: array<u32>;
struct Params {
  width: u32,
}
var<immediate> params: Params;
override wg: u32 = 64;
var<workgroup> keys: array<u32, wg>;

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.y * ROW;
  let long = (params.width + SLICES - 1u) / SLICES;
  for (var slice = group.x; slice < SLICES; slice += GROUPS) {
    let end = min((slice + 1u) * long, params.width);
    var best = 0u;
    for (var i = slice * long + lane; i < end; i += wg) {
      best = max(best, key_of(x[group.y * params.width + i]));
    }
    keys[lane] = best;
    workgroupBarrier();
    if (lane == 0u) {
      for (var l = 1u; l < wg; l++) {
        best = max(best, keys[l]);
      }
      found[row + PEAKS + slice] = best;
    }
    workgroupBarrier();
  }
  if (lane == 0u && group.x == 0u) {
    for (var i = 0u; i < HEADER; i++) {
      found[row + i] = 0u;
    }
  }
}
