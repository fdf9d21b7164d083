// Groups the (row, slot) entries of a batch by expert, in tiles of at most `tile_rows` entries of one expert.
// choice: u32 [T, slots, 2], (id, weight); entry i is slot i mod used of row i / used. order: u32 [entries], entry indices sorted by expert, then by index;
// tiles: u32 [tile_count, 4] as (expert, first in order, count, 0); unused tiles get count 0.
// One workgroup does all; lane l takes experts l, l + wg, …. EXPERTS (workgroup memory) comes from the preamble.
// Barrier: counts are complete before offsets are summed from them.
@group(0) @binding(0) var<storage, read> choice: array<vec2u>;
@group(0) @binding(1) var<storage, read_write> order: array<u32>;
@group(0) @binding(2) var<storage, read_write> tiles: array<vec4u>;
struct Params {
  entries: u32,
  tile_rows: u32,
  tile_count: u32,
  used: u32,
  slots: u32,
}
var<immediate> params: Params;
override wg: u32 = 64;
var<workgroup> counts: array<u32, EXPERTS>;

fn expert_of(i: u32) -> u32 {
  return choice[(i / params.used) * params.slots + i % params.used].x;
}

@compute @workgroup_size(wg)
fn main(@builtin(local_invocation_id) lane: vec3u) {
  for (var e = lane.x; e < EXPERTS; e += wg) {
    var count = 0u;
    for (var i = 0u; i < params.entries; i++) {
      count += select(0u, 1u, expert_of(i) == e);
    }
    counts[e] = count;
  }
  workgroupBarrier();
  var used = 0u;  // tiles of all experts
  for (var e = 0u; e < EXPERTS; e++) {
    used += (counts[e] + params.tile_rows - 1u) / params.tile_rows;
  }
  for (var e = lane.x; e < EXPERTS; e += wg) {
    if (counts[e] == 0u) {
      continue;
    }
    var first = 0u;
    var tile = 0u;
    for (var other = 0u; other < e; other++) {
      first += counts[other];
      tile += (counts[other] + params.tile_rows - 1u) / params.tile_rows;
    }
    var at = first;
    for (var i = 0u; i < params.entries; i++) {
      if (expert_of(i) == e) {
        order[at] = i;
        at++;
      }
    }
    for (var done = 0u; done < counts[e]; done += params.tile_rows) {
      tiles[tile] = vec4u(e, first + done, min(params.tile_rows, counts[e] - done), 0u);
      tile++;
    }
  }
  for (var tile = used + lane.x; tile < params.tile_count; tile += wg) {
    tiles[tile] = vec4u(0u);
  }
}
