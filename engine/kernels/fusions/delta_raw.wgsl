// Rows of gated_delta_decode_shuffle: raw projections in rings, convolved, normed and gated on the way; see gated_delta_decode.wgsl.
@group(0) @binding(1) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(2) var<storage, read> b_in: array<f32>;
@group(0) @binding(3) var<storage, read> a_in: array<f32>;
@group(0) @binding(4) var<storage, read> weight: array<vec4f>;
@group(0) @binding(5) var<storage, read> gate_weights: array<f32>;
@group(0) @binding(6) var<storage, read_write> o: array<f32>;
struct Params {
  pending: u32,
  rows: u32,
  commit: u32,
  position: u32,
  key_heads: u32,
  value_heads: u32,
  dv4: u32,
  u_offset4: u32,
  u_stride4: u32,
  b_offset: u32,
  b_stride: u32,
  a_offset: u32,
  a_stride: u32,
  squares_at: u32,
  dk4: u32,  // DK4 again
  q_scale: f32,
}
var<immediate> params: Params;
var<private> h: u32;
var<private> g: u32;

fn open(head: u32) {
  h = head;
  g = head / (params.value_heads / params.key_heads);
}
fn value_quads() -> u32 {
  return params.dv4;
}
fn key_quads() -> u32 {
  return params.dk4;
}
fn work_quads() -> u32 {
  return params.value_heads * DK4 * 4u * params.dv4;
}
fn row_count() -> u32 {
  return params.pending + accepted() + params.rows;
}
fn commit_count() -> u32 {
  return params.commit + accepted();
}
fn convolved(channel4: u32, n: u32) -> vec4f {
  let channels4 = 2u * params.key_heads * DK4 + params.value_heads * params.dv4;
  var sum = vec4f();
  // KERNEL, which the compiler does not know: unrolled, the loads take seconds to compile.
  let taps = KERNEL + (params.key_heads >> 16u);
  for (var j = 0u; j < taps; j++) {
    let row = (params.position + n + 1u + j - KERNEL) & RING_MASK;
    sum += weight[j * channels4 + channel4] * qkv[params.u_offset4 + row * params.u_stride4 + channel4];
  }
  return sum / (1.0 + exp(-sum));
}
fn query_quad(n: u32, i: u32) -> vec4f {
  return convolved(g * DK4 + i, n);
}
fn key_quad(n: u32, i: u32) -> vec4f {
  return convolved((params.key_heads + g) * DK4 + i, n);
}
fn value_quad(n: u32, column: u32) -> vec4f {
  return convolved(2u * params.key_heads * DK4 + h * params.dv4 + column, n);
}
fn row_factors(squares: vec2f) -> vec2f {
  return inverseSqrt(squares + 1e-6) * vec2f(params.q_scale, 1.0);
}
// ln(1 + e) for 0 <= e <= 1, exact for small e: see delta_gates.
fn log1p(e: f32) -> f32 {
  let s = e / (2.0 + e);
  let z = s * s;
  return 2.0 * s * (1.0 + z * (1.0 / 3.0 + z * (1.0 / 5.0 + z * (1.0 / 7.0 + z * (1.0 / 9.0 + z * (1.0 / 11.0 + z * (1.0 / 13.0 + z / 15.0)))))));
}
fn row_gate(n: u32) -> vec2f {
  let row = (params.position + n) & RING_MASK;
  let beta = 1.0 / (1.0 + exp(-b_in[params.b_offset + row * params.b_stride + h]));
  let a = a_in[params.a_offset + row * params.a_stride + h] + gate_weights[params.value_heads + h];
  return vec2f(beta, exp(gate_weights[h] * (max(a, 0.0) + log1p(exp(-abs(a))))));
}
fn finish(n: u32, block: u32, column: u32, inside: bool, out: vec4f, squares: f32, lane: u32) {
  let pending = params.pending + accepted();
  if (n < pending) {
    return;
  }
  let head = (n - pending) * params.value_heads + h;
  if (inside) {
    let quad = 4u + (params.key_heads >> 16u);
    for (var c = 0u; c < quad; c++) {
      o[(head * params.dv4 + column) * 4u + c] = out[c];
    }
  }
  if (lane == 0u) {
    o[params.squares_at + head * ((params.dv4 + 7u) / 8u) + block] = squares;
  }
}
