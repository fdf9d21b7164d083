// KV cache in halves, two to a word, so that no f16 feature is needed. A row is one head at one position: D halves, then zeros up to
// whole 16 bytes. What a half cannot hold becomes the largest it can.
alias KvLoad = vec4u;
const KV_UNIT = 2u;                // quads of a unit
const KV_ROW = (D4 + 1u) / 2u;     // loads of a row
const KV_LARGEST = vec2f(65504.0);
fn kv_quad(cache: ptr<storage, array<KvLoad>, read>, row: u32, quad: u32) -> vec4f {
  let at = row * KV_ROW + (quad >> 1u);
  let low = 2u * (quad & 1u);
  return vec4f(unpack2x16float(cache[at][low]), unpack2x16float(cache[at][low + 1u]));
}
fn kv_unit(cache: ptr<storage, array<KvLoad>, read>, row: u32, unit: u32) -> array<vec4f, KV_UNIT> {
  let w = cache[row * KV_ROW + unit];
  return array<vec4f, KV_UNIT>(
    vec4f(unpack2x16float(w.x), unpack2x16float(w.y)), vec4f(unpack2x16float(w.z), unpack2x16float(w.w)));
}
fn kv_write(cache: ptr<storage, array<u32>, read_write>, row: u32, x: ptr<workgroup, array<vec4f, D4>>, lane: u32, lanes: u32) {
  for (var quad = lane; quad < 2u * KV_ROW; quad += lanes) {
    let v = select(vec4f(), x[min(quad, D4 - 1u)], quad < D4);
    let at = row * KV_ROW * 4u + 2u * quad;
    cache[at] = pack2x16float(clamp(v.xy, -KV_LARGEST, KV_LARGEST));
    cache[at + 1u] = pack2x16float(clamp(v.zw, -KV_LARGEST, KV_LARGEST));
  }
}
