// Keys and values straight from the cache into registers: for workgroups in which one block of queries reads each key.
// A tile lies in one page: TILE is a power of two, at most 128.
var<private> tile_at: u32;
fn tile_begins(_first: u32, _end: u32, _g: u32, _lane: u32) {
}
fn tile_ready(first: u32, _end: u32, g: u32, _lane: u32) {
  tile_at = kv_at(first, g, params.kv_heads);
}
fn load_at(first: u32, k: u32, end: u32, at: u32) -> u32 {
  return tile_at + min(k, end - 1u - first) * params.kv_heads * KV_ROW + at;
}
fn key_load(first: u32, k: u32, end: u32, _g: u32, at: u32) -> KvLoad {
  return keys[load_at(first, k, end, at)];
}
fn value_load(first: u32, k: u32, end: u32, _g: u32, at: u32) -> KvLoad {
  return values[load_at(first, k, end, at)];
}
