// y[t, c] = silu( sum_{j<K} weight[c, j] * u[t-K+1+j, c] ), u before the first row comes from the state.
// u: f32 rows [T] with offset and stride, C channels; weight: f32 [C, K], last tap on the current row;
// state: f32 [K-1, C], oldest first, replaced by the last K-1 rows; y: f32 [T, C] packed.
// One invocation owns one channel and walks the rows in order, so the state needs no second pass.
@group(0) @binding(0) var<storage, read> u: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> state: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
struct Params {
  rows: u32,
  channels: u32,
  u_offset: u32,
  u_stride: u32,
}
var<immediate> params: Params;
override wg: u32 = 64;
// KERNEL comes from the preamble: taps K.

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  let c = group.x * wg + lane.x;
  if (c >= params.channels) {
    return;
  }
  var taps: array<f32, KERNEL>;
  var window: array<f32, KERNEL>;
  for (var j = 0u; j < KERNEL; j++) {
    taps[j] = weight[c * KERNEL + j];
  }
  for (var j = 1u; j < KERNEL; j++) {
    window[j] = state[(j - 1u) * params.channels + c];
  }
  for (var t = 0u; t < params.rows; t++) {
    for (var j = 1u; j < KERNEL; j++) {
      window[j - 1u] = window[j];
    }
    window[KERNEL - 1u] = u[params.u_offset + t * params.u_stride + c];
    var sum = 0.0;
    for (var j = 0u; j < KERNEL; j++) {
      sum += taps[j] * window[j];
    }
    y[t * params.channels + c] = sum / (1.0 + exp(-sum));
  }
  for (var j = 1u; j < KERNEL; j++) {
    state[(j - 1u) * params.channels + c] = window[j];
  }
}
