// Router: per row t the k experts with the largest logits (ties: lower index) and their weights.
//   renormalise = 1: softmax over the chosen logits;  0: softmax over all logits, read at the chosen ones.
// logits: f32 rows with offset and stride, E values; choice: u32 [T, k + 1, 2], (id, weight as the bits of an f32);
// its last slot is the shared expert: id E, weight sigmoid(shared[t]), shared: f32, one value a row with offset and stride.
// One workgroup owns one row. A row of NaN keeps its ids in range and gives NaN weights. CHOSEN >= k comes from the preamble.
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
override wg: u32 = 64;
var<workgroup> best_value: array<f32, wg>;
var<workgroup> best_index: array<u32, wg>;

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  let row = params.offset + group.x * params.stride;
  var taken: array<u32, CHOSEN>;
  var values: array<f32, CHOSEN>;
  for (var n = 0u; n < params.chosen; n++) {
    var value = -3e38;
    var index = params.experts;
    for (var e = lane.x; e < params.experts; e += wg) {
      var free = true;
      for (var j = 0u; j < n; j++) {
        free = free && taken[j] != e;
      }
      let logit = logits[row + e];
      if (free && logit > value) {
        value = logit;
        index = e;
      }
    }
    best_value[lane.x] = value;
    best_index[lane.x] = index;
    workgroupBarrier();
    for (var i = 0u; i < wg; i++) {
      let v = best_value[i];
      let at = best_index[i];
      if (at < params.experts && (index >= params.experts || v > value || (v == value && at < index))) {
        value = v;
        index = at;
      }
    }
    workgroupBarrier();
    // No comparable logit left: only NaN ones. Any expert in range will do, its weight is NaN.
    taken[n] = min(index, params.experts - 1u);
    values[n] = logits[row + taken[n]];
  }
  let top = values[0];
  var total = 0.0;
  if (params.renormalise == 1u) {
    for (var n = 0u; n < params.chosen; n++) {
      total += exp(values[n] - top);
    }
  } else {
    var sum = 0.0;
    for (var e = lane.x; e < params.experts; e += wg) {
      sum += exp(logits[row + e] - top);
    }
    best_value[lane.x] = sum;
    workgroupBarrier();
    for (var i = 0u; i < wg; i++) {
      total += best_value[i];
    }
  }
  for (var n = lane.x; n < params.chosen; n += wg) {
    choice[group.x * (params.chosen + 1u) + n] = vec2u(taken[n], bitcast<u32>(exp(values[n] - top) / total));
  }
  if (lane.x == 0u) {
    let gate = shared_logit[params.shared_offset + group.x * params.shared_stride];
    let weight = 1.0 / (1.0 + exp(-gate));
    choice[group.x * (params.chosen + 1u) + params.chosen] = vec2u(params.experts, bitcast<u32>(weight));
  }
}
