// The equation, tensors and layouts of attention_merge, for GPUs, where there are many splits: a workgroup owns SLICE quads of one head of
// one row. Its WG lanes take splits in turns: first for their weights, which are kept in workgroup memory, then, SLICE neighbouring
// lanes on neighbouring quads of a split, for the sums. There are at most SPLITS_MAX splits.
// Barriers: largest scores, weights and totals, and sums of the lanes are complete before others read them.
@group(0) @binding(0) var<storage, read> partial: array<vec4f>;
@group(0) @binding(1) var<storage, read> stats: array<vec2f>;
@group(0) @binding(2) var<storage, read> gate: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> o: array<vec4f>;
struct Params {
  heads: u32,
  dim4: u32,
  splits: u32,
  gate_offset4: u32,
  gate_stride4: u32,
  gate_head_stride4: u32,
  first_row: u32,  // where in o the rows begin
}
var<immediate> params: Params;
const PHASES = WG / SLICE;
var<workgroup> weights: array<f32, SPLITS_MAX>;
var<workgroup> of_lane: array<f32, WG>;
var<workgroup> totals: array<f32, WG>;
var<workgroup> sums: array<vec4f, WG>;

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.y;  // t * heads + h
  let d = group.x * SLICE + lane % SLICE;
  let used = min(WG, params.splits);
  var top = -1e30;
  for (var s = lane; s < params.splits; s += WG) {
    top = max(top, stats[row * params.splits + s].x);
  }
  of_lane[lane] = top;
  workgroupBarrier();
  for (var l = 0u; l < used; l++) {
    top = max(top, of_lane[l]);
  }
  var total = 0.0;
  for (var s = lane; s < params.splits; s += WG) {
    let of_split = stats[row * params.splits + s];
    let weight = exp(of_split.x - top);
    weights[s] = weight;
    total += of_split.y * weight;
  }
  totals[lane] = total;
  workgroupBarrier();
  var sum = vec4f();
  for (var s = lane / SLICE; s < params.splits; s += PHASES) {
    sum += partial[(row * params.splits + s) * params.dim4 + min(d, params.dim4 - 1u)] * weights[s];
  }
  sums[lane] = sum;
  workgroupBarrier();
  if (lane >= SLICE || d >= params.dim4) {
    return;
  }
  for (var phase = 1u; phase < min(PHASES, params.splits); phase++) {
    sum += sums[phase * SLICE + lane];
  }
  var all = 0.0;
  for (var l = 0u; l < used; l++) {
    all += totals[l];
  }
  let gate_at = params.gate_offset4 + (row / params.heads) * params.gate_stride4 + (row % params.heads) * params.gate_head_stride4 + d;
  o[(params.first_row * params.heads + row) * params.dim4 + d] = sum / all / (1.0 + exp(-gate[gate_at]));
}
