// Flash decode, first stage: softmax-weighted value sums over one split of the keys, not yet normalised.
//   partial[t, h, s, :] = sum_p e^(score_p - top) values[p, g, :];   stats[t, h, s] = (top, sum_p e^(score_p - top))
// over p in split s of positions 0 … start + t. q: f32 [T, heads, D]; keys, values: f32 [capacity, kv_heads, D];
// partial: f32 [T, heads, splits, D]; stats: f32 [T, heads, splits, 2]. An empty split has top -1e30 and sum 0.
// One workgroup owns one (split, head, row): its lanes take one key each of a tile of wg keys, then VALUES4 vec4 of the value sum each.
// Two barriers a tile: scores written before they are read, read before the next tile writes. D4, VALUES4 and UNROLL come from the preamble.
@group(0) @binding(0) var<storage, read> q: array<vec4f>;
@group(0) @binding(1) var<storage, read> keys: array<vec4f>;
@group(0) @binding(2) var<storage, read> values: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partial: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> stats: array<vec2f>;
struct Params {
  heads: u32,
  kv_heads: u32,
  start: u32,        // position of row 0
  split_keys: u32,   // keys in a split
  splits: u32,
  d4: u32,
  values4: u32,
  scale: f32,
}
var<immediate> params: Params;
override wg: u32 = 64;
var<workgroup> scores: array<f32, wg>;

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  let d4 = select(params.d4, D4, UNROLL);
  let values4 = select(params.values4, VALUES4, UNROLL);
  let split = group.x;
  let h = group.y;
  let t = group.z;
  let g = h / (params.heads / params.kv_heads);
  let end = min((split + 1u) * params.split_keys, params.start + t + 1u);
  let q_at = (t * params.heads + h) * D4;
  var sum: array<vec4f, VALUES4>;
  var top = -1e30;
  var total = 0.0;
  for (var first = split * params.split_keys; first < end; first += wg) {
    let p = first + lane.x;
    var score = -1e30;
    if (p < end) {
      let at = (p * params.kv_heads + g) * D4;
      score = 0.0;
      for (var i = 0u; i < d4; i++) {
        score += dot(q[q_at + i], keys[at + i]);
      }
      score *= params.scale;
    }
    scores[lane.x] = score;
    workgroupBarrier();
    let count = min(wg, end - first);
    var new_top = top;
    for (var i = 0u; i < count; i++) {
      new_top = max(new_top, scores[i]);
    }
    let shrink = exp(top - new_top);
    top = new_top;
    total *= shrink;
    for (var j = 0u; j < values4; j++) {
      sum[j] *= shrink;
    }
    for (var i = 0u; i < count; i++) {
      let weight = exp(scores[i] - top);
      total += weight;
      let at = ((first + i) * params.kv_heads + g) * D4;
      for (var j = 0u; j < values4; j++) {
        let d = lane.x + j * wg;
        if (d < D4) {
          sum[j] += values[at + d] * weight;
        }
      }
    }
    workgroupBarrier();
  }
  let to = (t * params.heads + h) * params.splits + split;
  for (var j = 0u; j < values4; j++) {
    let d = lane.x + j * wg;
    if (d < D4) {
      partial[to * D4 + d] = sum[j];
    }
  }
  if (lane.x == 0u) {
    stats[to] = vec2f(top, total);
  }
}
