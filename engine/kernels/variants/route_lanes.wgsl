// moe_route for GPUs with subgroups: see moe_route for what it computes. A workgroup of LANES lanes owns a row. Each lane keeps OWN logits
// as keys that order alike, 0 for what cannot be chosen; a choice is the largest key of all lanes, by the lowest of their indices.
// In front: LANES, OWN, CHOSEN (at most LANES) and reductions/best_subgroup or best_emulated: largest, lowest and total of all lanes.
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> shared_logit: array<f32>;
@group(0) @binding(2) var<storage, read_write> choice: array<vec2u>;
struct Params {
  experts: u32,
  chosen: u32,  // k
  renormalise: u32,
  offset: u32,
  stride: u32,
  shared_offset: u32,
  shared_stride: u32,
}
var<immediate> params: Params;
const NONE = 0xffffffffu;

fn key_of(logit: f32) -> u32 {
  let bits = bitcast<u32>(logit);
  // A device may assume that there are no NaN, so they are told by their bits. The zeros are equal.
  let is_nan = (bits & 0x7fffffffu) > 0x7f800000u;
  let ordered = select(~bits, bits | 0x80000000u, (bits >> 31u) == 0u || bits == 0x80000000u);
  return select(ordered, 0u, is_nan);
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = params.offset + group.x * params.stride;
  var keys: array<u32, OWN>;
  for (var i = 0u; i < OWN; i++) {
    let e = lane + i * LANES;
    if (e < params.experts) {
      keys[i] = key_of(logits[row + e]);
    }
  }
  // Lane n keeps choice n.
  var id = 0u;
  var first = 0u;
  for (var n = 0u; n < CHOSEN; n++) {
    var best = 0u;
    var at = NONE;
    for (var i = 0u; i < OWN; i++) {
      at = select(at, lane + i * LANES, keys[i] > best);
      best = max(best, keys[i]);
    }
    let top = largest(best, lane);
    // No comparable logit left: only NaN ones. Any expert in range will do, its weight is NaN.
    let winner = min(lowest(select(NONE, at, best == top), lane), params.experts - 1u);
    for (var i = 0u; i < OWN; i++) {
      keys[i] = select(keys[i], 0u, winner == lane + i * LANES);
    }
    id = select(id, winner, lane == n);
    first = select(first, winner, n == 0u);
  }
  let top_logit = logits[row + first];
  let weight = exp(logits[row + id] - top_logit);
  var sum = select(0.0, weight, lane < CHOSEN);
  if (params.renormalise == 0u) {
    sum = 0.0;
    for (var e = lane; e < params.experts; e += LANES) {
      sum += exp(logits[row + e] - top_logit);
    }
  }
  let all = total(sum, lane);
  let slot = group.x * (CHOSEN + 1u) + lane;
  if (lane < CHOSEN) {
    choice[slot] = vec2u(id, bitcast<u32>(weight / all));
  }
  if (lane == 0u) {
    let gate = shared_logit[params.shared_offset + group.x * params.shared_stride];
    choice[slot + CHOSEN] = vec2u(params.experts, bitcast<u32>(1.0 / (1.0 + exp(-gate))));
  }
}
