// to[t, :] = rows[ids[first + t] - row_start, :] for the ids that lie in this part of the rows, bit for bit.
// rows: u32 [row_count, words], a plane of a part of a weight matrix; ids: u32; to: u32 [count, words], the same plane of another.
// One invocation owns a word of rows group.y, group.y + groups in y, ….
@group(0) @binding(0) var<storage, read> rows: array<u32>;
@group(0) @binding(1) var<storage, read> ids: array<u32>;
@group(0) @binding(2) var<storage, read_write> to: array<u32>;
struct Params {
  words: u32,      // of a row
  row_start: u32,  // first row of this part
  row_count: u32,
  first: u32,
  count: u32,
}
var<immediate> params: Params;
override wg: u32 = 64;

@compute @workgroup_size(wg)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let word = group.x * wg + lane;
  if (word >= params.words) {
    return;
  }
  for (var t = group.y; t < params.count; t += groups.y) {
    let row = ids[params.first + t] - params.row_start;  // wraps to a large number for ids before this part
    if (row < params.row_count) {
      to[t * params.words + word] = rows[row * params.words + word];
    }
  }
}
