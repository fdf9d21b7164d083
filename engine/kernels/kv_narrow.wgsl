// Rows of a KV cache in halves written anew in 8 bits, for a text that has grown long: codes[row] = q8(halves[row]).
// halves: rows as kv/f16 lays them out, by quads; codes: rows as kv/q8 does, whose accessor stands in front. A workgroup owns a row.
// One barrier: the row is complete before its groups of 32 are looked at.
@group(0) @binding(0) var<storage, read> halves: array<vec2u>;
@group(0) @binding(1) var<storage, read_write> codes: array<u32>;
struct Params {
  rows: u32,
  groups_x: u32,   // workgroups in x
  half_quads: u32, // quads of a row of halves
}
var<immediate> params: Params;
override wg: u32 = 64;
var<workgroup> ready: array<vec4f, D4>;

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.y * params.groups_x + group.x;
  if (row >= params.rows) {
    return;
  }
  for (var quad = lane; quad < D4; quad += wg) {
    let w = halves[row * params.half_quads + quad];
    ready[quad] = vec4f(unpack2x16float(w.x), unpack2x16float(w.y));
  }
  workgroupBarrier();
  kv_write(&codes, row, &ready, lane, wg);
}
