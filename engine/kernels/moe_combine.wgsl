// x[t, :] += sum_j weights[t, j] * routed[t * k + j, :] + sigmoid(gate[t]) * shared_out[t, :]
// routed: f32 [T * k, H]; weights: f32 [T, k]; shared_out: f32 [T, H]; gate: f32, one value a row with offset and stride;
// x: f32 [T, H], the residual stream. One invocation owns one vec4 of one row: x over H/4, y over rows. Slots are summed in order.
@group(0) @binding(0) var<storage, read> routed: array<vec4f>;
@group(0) @binding(1) var<storage, read> weights: array<f32>;
@group(0) @binding(2) var<storage, read> shared_out: array<vec4f>;
@group(0) @binding(3) var<storage, read> gate: array<f32>;
@group(0) @binding(4) var<storage, read_write> x: array<vec4f>;
struct Params {
  width4: u32,
  chosen: u32,  // k
  gate_offset: u32,
  gate_stride: u32,
}
var<immediate> params: Params;
override wg: u32 = 64;

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  let i = group.x * wg + lane.x;
  if (i >= params.width4) {
    return;
  }
  let t = group.y;
  var sum = vec4f(0.0);
  for (var j = 0u; j < params.chosen; j++) {
    let entry = t * params.chosen + j;
    sum += weights[entry] * routed[entry * params.width4 + i];
  }
  let g = gate[params.gate_offset + t * params.gate_stride];
  let at = t * params.width4 + i;
  x[at] += sum + shared_out[at] / (1.0 + exp(-g));
}
