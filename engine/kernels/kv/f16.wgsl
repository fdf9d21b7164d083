// KV cache in halves, two to a word, so that no f16 feature is needed. A row is one head at one position: D halves, then zeros up to
// whole 16 bytes. What a half cannot hold becomes the largest it can; NaN and infinity become NaN, which the model's user is told of.
alias KvLoad = vec4u;
const KV_UNIT = 2u;                // quads of a unit
const KV_ROW = (D4 + 1u) / 2u;     // loads of a row
const KV_LARGEST = vec2f(65504.0);
fn kv_quad(cache: ptr<storage, array<KvLoad>, read>, row_at: u32, quad: u32) -> vec4f {
  let at = row_at + (quad >> 1u);
  let low = 2u * (quad & 1u);
  return vec4f(unpack2x16float(cache[at][low]), unpack2x16float(cache[at][low + 1u]));
}
fn kv_unit(cache: ptr<storage, array<KvLoad>, read>, row_at: u32, unit: u32) -> array<vec4f, KV_UNIT> {
  let w = cache[row_at + unit];
  return array<vec4f, KV_UNIT>(
    vec4f(unpack2x16float(w.x), unpack2x16float(w.y)), vec4f(unpack2x16float(w.z), unpack2x16float(w.w)));
}
const KV_PIECE = 2u;               // quads that a lane of a team holds at a time
fn kv_piece_at(piece: u32) -> u32 {
  return piece;
}
fn kv_scale_at(piece: u32) -> u32 {
  return piece;
}
fn kv_piece(load: KvLoad, _scales: KvLoad, _piece: u32) -> array<vec4f, KV_PIECE> {
  return array<vec4f, KV_PIECE>(
    vec4f(unpack2x16float(load.x), unpack2x16float(load.y)), vec4f(unpack2x16float(load.z), unpack2x16float(load.w)));
}
// Looks at the bits of what is not finite: WGSL may take it that there is none.
fn kv_halves(v: vec2f) -> u32 {
  let lost = (bitcast<vec2u>(v) & vec2u(0x7f800000u)) == vec2u(0x7f800000u);
  let finite = clamp(select(v, vec2f(), lost), -KV_LARGEST, KV_LARGEST);
  return pack2x16float(finite) | select(0u, 0x7e00u, lost.x) | select(0u, 0x7e000000u, lost.y);
}
fn kv_write(cache: ptr<storage, array<u32>, read_write>, row_at: u32, x: ptr<workgroup, array<vec4f, D4>>, lane: u32, lanes: u32) {
  for (var quad = lane; quad < 2u * KV_ROW; quad += lanes) {
    let v = select(vec4f(), x[min(quad, D4 - 1u)], quad < D4);
    let at = row_at * 4u + 2u * quad;
    cache[at] = kv_halves(v.xy);
    cache[at + 1u] = kv_halves(v.zw);
  }
}
