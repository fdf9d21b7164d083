// y[t, c] = silu( sum_{j<K} weight[j, c] * u[t-K+1+j, c] ), u before the first row comes from the ring.
// Row t is position position + t of the text; the ring holds position p in row p & ring_mask.
// u: f32 rows [T] with offset and stride, C channels; weight: f32 [K, C], last tap on the current row;
// ring: f32 rows with offset and stride, into which the last K-1 rows are written; y: f32 [T, C] packed.
// One invocation owns one channel and walks the rows in order, so the ring needs no second pass.
@group(0) @binding(0) var<storage, read> u: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> ring: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
struct Params {
  rows: u32,
  channels: u32,
  u_offset: u32,
  u_stride: u32,
  ring_offset: u32,
  ring_stride: u32,
  ring_mask: u32,
  position: u32,
}
var<immediate> params: Params;
override wg: u32 = 64;
// KERNEL comes from the preamble: taps K.

fn ring_at(position: u32) -> u32 {
  return params.ring_offset + (position & params.ring_mask) * params.ring_stride;
}

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  let c = group.x * wg + lane.x;
  if (c >= params.channels) {
    return;
  }
  var taps: array<f32, KERNEL>;
  var window: array<f32, KERNEL>;
  for (var j = 0u; j < KERNEL; j++) {
    taps[j] = weight[j * params.channels + c];
  }
  for (var j = 1u; j < KERNEL; j++) {
    window[j] = ring[ring_at(params.position + j - KERNEL) + c];
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
    ring[ring_at(params.position + params.rows + j - KERNEL) + c] = window[j];
  }
}
