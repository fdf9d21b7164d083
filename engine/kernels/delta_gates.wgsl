// beta[t, h] = sigmoid(b[t, h]);  log_decay[t, h] = neg_a[h] * softplus(a[t, h] + dt_bias[h])   (<= 0)
// ba: f32 rows with stride, b at b_offset and a at a_offset; neg_a = -exp(A_log): f32 [heads]; dt_bias: f32 [heads];
// gates: f32 [T, heads, 2] as (beta, log_decay). softplus(v) = max(v, 0) + ln(1 + e^-|v|). One invocation owns one (t, h).
@group(0) @binding(0) var<storage, read> b_in: array<f32>;
@group(0) @binding(1) var<storage, read> a_in: array<f32>;
@group(0) @binding(2) var<storage, read> neg_a: array<f32>;
@group(0) @binding(3) var<storage, read> dt_bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> gates: array<vec2f>;
struct Params {
  count: u32,  // T * heads
  heads: u32,
  b_offset: u32,
  b_stride: u32,
  a_offset: u32,
  a_stride: u32,
}
var<immediate> params: Params;
override wg: u32 = 64;

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  let index = group.x * wg + lane.x;
  if (index >= params.count) {
    return;
  }
  let t = index / params.heads;
  let h = index % params.heads;
  let b = b_in[params.b_offset + t * params.b_stride + h];
  let a = a_in[params.a_offset + t * params.a_stride + h] + dt_bias[h];
  let softplus = max(a, 0.0) + log(1.0 + exp(-abs(a)));
  gates[index] = vec2f(1.0 / (1.0 + exp(-b)), neg_a[h] * softplus);
}
