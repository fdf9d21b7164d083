// beta[t, h] = sigmoid(b[t, h]);  log_decay[t, h] = gate_weights[h] * softplus(a[t, h] + dt_bias[h])   (<= 0)
// ba: f32 rows with stride, b at b_offset and a at a_offset; gate_weights: f32 [2, heads], neg_a = -exp(A_log), then dt_bias;
// gates: f32 [T, heads, 2] as (beta, log_decay). softplus(v) = max(v, 0) + ln(1 + e^-|v|). One invocation owns one (t, h).
@group(0) @binding(0) var<storage, read> b_in: array<f32>;
@group(0) @binding(1) var<storage, read> a_in: array<f32>;
@group(0) @binding(2) var<storage, read> gate_weights: array<f32>;
@group(0) @binding(3) var<storage, read_write> gates: array<vec2f>;
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

// ln(1 + e) for 0 <= e <= 1, exact to a few units in the last place: 2 artanh(s), s = e / (2 + e). log(1 + e) would lose a small e,
// and with it the decay of heads that remember long.
fn log1p(e: f32) -> f32 {
  let s = e / (2.0 + e);
  let z = s * s;
  return 2.0 * s * (1.0 + z * (1.0 / 3.0 + z * (1.0 / 5.0 + z * (1.0 / 7.0 + z * (1.0 / 9.0 + z * (1.0 / 11.0 + z * (1.0 / 13.0 + z / 15.0)))))));
}

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  let index = group.x * wg + lane.x;
  if (index >= params.count) {
    return;
  }
  let t = index / params.heads;
  let h = index % params.heads;
  let b = b_in[params.b_offset + t * params.b_stride + h];
  let a = a_in[params.a_offset + t * params.a_stride + h] + gate_weights[params.heads + h];
  let softplus = max(a, 0.0) + log1p(exp(-abs(a)));
  gates[index] = vec2f(1.0 / (1.0 + exp(-b)), gate_weights[h] * softplus);
}
