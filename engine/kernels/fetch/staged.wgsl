// Keys and values through workgroup memory, as they are stored, TILE positions at a time: every block of queries of the workgroup
// reads them there, so that the cache is read once for all. Neighbouring lanes load neighbouring 16 bytes. While a tile is used, the
// next one is on its way into registers. Two barriers a tile: the last one was read before it is overwritten, all is written before it is read.
const TILE_LOADS = TILE * KV_ROW;
const LANE_LOADS = (2u * TILE_LOADS + WG - 1u) / WG;
var<workgroup> tile: array<KvLoad, 2u * TILE_LOADS>;
var<private> on_its_way: array<KvLoad, LANE_LOADS>;
// The first tile, or with tile_ready the one after `first`. What is past the end repeats the last position.
fn tile_begins(first: u32, end: u32, g: u32, lane: u32) {
  let loads = select(LANE_LOADS + (params.heads >> 16u), LANE_LOADS, UNROLL);
  for (var n = 0u; n < loads; n++) {
    let i = min(n * WG + lane, 2u * TILE_LOADS - 1u);
    let position = min(first + (i / KV_ROW) % TILE, end - 1u);
    let at = kv_at(position, g, params.kv_heads) + i % KV_ROW;
    if (i < TILE_LOADS) {
      on_its_way[n] = keys[at];
    } else {
      on_its_way[n] = values[at];
    }
  }
}
fn tile_ready(first: u32, end: u32, g: u32, lane: u32) {
  let loads = select(LANE_LOADS + (params.heads >> 16u), LANE_LOADS, UNROLL);
  workgroupBarrier();
  for (var n = 0u; n < loads; n++) {
    let i = n * WG + lane;
    if (i < 2u * TILE_LOADS) {
      tile[i] = on_its_way[n];
    }
  }
  workgroupBarrier();
  if (first + TILE < end) {
    tile_begins(first + TILE, end, g, lane);
  }
}
fn key_load(_first: u32, k: u32, _end: u32, _g: u32, at: u32) -> KvLoad {
  return tile[k * KV_ROW + at];
}
fn value_load(_first: u32, k: u32, _end: u32, _g: u32, at: u32) -> KvLoad {
  return tile[TILE_LOADS + k * KV_ROW + at];
}
