// Flash decode, second stage: joins the splits and applies the output gate.
//   o[t, h, :] = sigmoid(gate[t, h, :]) * sum_s e^(top_s - top) partial[t, h, s, :] / sum_s e^(top_s - top) total_s
// partial: f32 [T, heads, splits, D]; stats: f32 [T, heads, splits, 2]; gate as in attention_prefill; o: f32 [T, heads, D].
// One invocation owns one vec4 of one head of one row.
@group(0) @binding(0) var<storage, read> partial: array<vec4f>;
@group(0) @binding(1) var<storage, read> stats: array<vec2f>;
@group(0) @binding(2) var<storage, read> gate: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> o: array<vec4f>;
struct Params {
  count: u32,  // T * heads * D/4
  heads: u32,
  dim4: u32,
  splits: u32,
  gate_offset4: u32,
  gate_stride4: u32,
  gate_head_stride4: u32,
  first_row: u32,  // where in o the rows begin
}
var<immediate> params: Params;
override wg: u32 = 64;

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  let index = group.x * wg + lane.x;
  if (index >= params.count) {
    return;
  }
  let d = index % params.dim4;
  let row = index / params.dim4;  // t * heads + h
  var top = -1e30;
  for (var s = 0u; s < params.splits; s++) {
    top = max(top, stats[row * params.splits + s].x);
  }
  var sum = vec4f(0.0);
  var total = 0.0;
  for (var s = 0u; s < params.splits; s++) {
    let at = row * params.splits + s;
    let weight = exp(stats[at].x - top);
    total += stats[at].y * weight;
    sum += partial[at * params.dim4 + d] * weight;
  }
  let gate_at = params.gate_offset4 + (row / params.heads) * params.gate_stride4 + (row % params.heads) * params.gate_head_stride4 + d;
  o[params.first_row * params.heads * params.dim4 + index] = sum / total / (1.0 + exp(-gate[gate_at]));
}
