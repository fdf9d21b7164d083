// KV cache in f32. A row is one head at one position: D values.
alias KvLoad = vec4f;
const KV_UNIT = 1u;  // quads of a unit
const KV_ROW = D4;   // loads of a row
fn kv_quad(cache: ptr<storage, array<KvLoad>, read>, row_at: u32, quad: u32) -> vec4f {
  return cache[row_at + quad];
}
fn kv_unit(cache: ptr<storage, array<KvLoad>, read>, row_at: u32, unit: u32) -> array<vec4f, KV_UNIT> {
  return array<vec4f, KV_UNIT>(cache[row_at + unit]);
}
const KV_PIECE = 1u;  // quads that a lane of a team holds at a time
fn kv_piece_at(piece: u32) -> u32 {
  return piece;
}
fn kv_scale_at(piece: u32) -> u32 {
  return piece;
}
fn kv_piece(load: KvLoad, _scales: KvLoad, _piece: u32) -> array<vec4f, KV_PIECE> {
  return array<vec4f, KV_PIECE>(load);
}
fn kv_write(cache: ptr<storage, array<u32>, read_write>, row_at: u32, x: ptr<workgroup, array<vec4f, D4>>, lane: u32, lanes: u32) {
  for (var quad = lane; quad < D4; quad += lanes) {
    let words = bitcast<vec4u>(x[quad]);
    let at = (row_at + quad) * 4u;
    cache[at] = words.x;
    cache[at + 1u] = words.y;
    cache[at + 2u] = words.z;
    cache[at + 3u] = words.w;
  }
}
