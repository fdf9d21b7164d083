// Router: per row t the k experts with the largest logits (ties: lower index) and their weights.
//   renormalise = 1: softmax over the chosen logits;  0: softmax over all logits, read at the chosen ones.
// logits: f32 rows with offset and stride, E values; ids: u32 [T, k]; weights: f32 [T, k].
// One workgroup owns one row. A row of NaN keeps its ids in range and gives NaN weights. CHOSEN >= k comes from the preamble.
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read_write> ids: array<u32>;
@group(0) @binding(2) var<storage, read_write> weights: array<f32>;
struct Params {
  experts: u32,
  chosen: u32,  // k
  renormalise: u32,
  offset: u32,
  stride: u32,
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
    ids[group.x * params.chosen + n] = taken[n];
    weights[group.x * params.chosen + n] = exp(values[n] - top) / total;
  }
}
