// Keys and values straight from the cache into registers: for workgroups in which one block of queries reads each key.
fn tile_begins(_first: u32, _end: u32, _g: u32, _lane: u32) {
}
fn tile_ready(_first: u32, _end: u32, _g: u32, _lane: u32) {
}
fn key_load(first: u32, k: u32, end: u32, g: u32, at: u32) -> KvLoad {
  return keys[(min(first + k, end - 1u) * params.kv_heads + g) * KV_ROW + at];
}
fn value_load(first: u32, k: u32, end: u32, g: u32, at: u32) -> KvLoad {
  return values[(min(first + k, end - 1u) * params.kv_heads + g) * KV_ROW + at];
}
