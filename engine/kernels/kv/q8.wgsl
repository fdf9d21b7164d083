// KV cache in 8 bits: x = s * code, groups of 32 neighbours share s = largest / 127 (a half). A row is one head at one position:
// D codes, four to a word, then the scales of its groups, two to a word, then whatever fills whole 16 bytes. D is a multiple of 32.
// A group with NaN or infinity in it gets the scale NaN, which the model's user is told of.
alias KvLoad = vec4u;
const KV_UNIT = 8u;                                       // quads of a unit
const KV_PAIRS = (D4 + 15u) / 16u;                        // words of scales
const KV_ROW = (D4 + KV_PAIRS + 3u) / 4u;                 // loads of a row
fn kv_scale(cache: ptr<storage, array<KvLoad>, read>, row_at: u32, part: u32) -> f32 {
  let word = D4 + (part >> 1u);
  return unpack2x16float(cache[row_at + (word >> 2u)][word & 3u] >> (16u * (part & 1u))).x;
}
fn kv_quad(cache: ptr<storage, array<KvLoad>, read>, row_at: u32, quad: u32) -> vec4f {
  return kv_scale(cache, row_at, quad >> 3u) * vec4f(unpack4xI8(cache[row_at + (quad >> 2u)][quad & 3u]));
}
fn kv_unit(cache: ptr<storage, array<KvLoad>, read>, row_at: u32, unit: u32) -> array<vec4f, KV_UNIT> {
  let a = cache[row_at + 2u * unit];
  let b = cache[row_at + 2u * unit + 1u];
  let s = kv_scale(cache, row_at, unit);
  return array<vec4f, KV_UNIT>(
    s * vec4f(unpack4xI8(a.x)), s * vec4f(unpack4xI8(a.y)), s * vec4f(unpack4xI8(a.z)), s * vec4f(unpack4xI8(a.w)),
    s * vec4f(unpack4xI8(b.x)), s * vec4f(unpack4xI8(b.y)), s * vec4f(unpack4xI8(b.z)), s * vec4f(unpack4xI8(b.w)));
}
const KV_PIECE = 2u;                                      // quads that a lane of a team holds at a time
// Loads of a row that hold a piece, which is half of one, and the scale of its group.
fn kv_piece_at(piece: u32) -> u32 {
  return piece >> 1u;
}
fn kv_scale_at(piece: u32) -> u32 {
  return (D4 + (piece >> 3u)) >> 2u;
}
fn kv_piece(load: KvLoad, scales: KvLoad, piece: u32) -> array<vec4f, KV_PIECE> {
  let codes = select(load.xy, load.zw, (piece & 1u) == 1u);
  let pair = scales[(D4 + (piece >> 3u)) & 3u];
  let s = unpack2x16float(pair >> (16u * ((piece >> 2u) & 1u))).x;
  return array<vec4f, KV_PIECE>(s * vec4f(unpack4xI8(codes.x)), s * vec4f(unpack4xI8(codes.y)));
}
fn kv_write(cache: ptr<storage, array<u32>, read_write>, row_at: u32, x: ptr<workgroup, array<vec4f, D4>>, lane: u32, lanes: u32) {
  let words_at = row_at * 4u;
  // A word of scales is one lane's: two groups.
  for (var pair = lane; pair < KV_PAIRS; pair += lanes) {
    var scales = 0u;
    for (var half = 0u; half < 2u; half++) {
      let first = (2u * pair + half) * 8u;
      if (first >= D4) {
        break;
      }
      var largest = vec4f();
      // The bits of what is not finite: WGSL may take it that there is none.
      var lost = false;
      for (var i = 0u; i < 8u; i++) {
        let v = x[first + i];
        lost = lost || any((bitcast<vec4u>(v) & vec4u(0x7f800000u)) == vec4u(0x7f800000u));
        largest = max(largest, abs(v));
      }
      let top = max(max(largest.x, largest.y), max(largest.z, largest.w));
      // Codes are of the scale as it is stored.
      let bits = select(pack2x16float(vec2f(min(top / 127.0, 65504.0), 0.0)), 0x7e00u, lost);
      let scale = unpack2x16float(bits).x;
      let to_codes = select(0.0, 1.0 / scale, !lost && scale > 0.0);
      for (var i = 0u; i < 8u; i++) {
        let codes = clamp(round(x[first + i] * to_codes), vec4f(-127.0), vec4f(127.0));
        cache[words_at + first + i] = pack4xI8(vec4i(codes));
      }
      scales |= bits << (16u * half);
    }
    cache[words_at + D4 + pair] = scales;
  }
}
