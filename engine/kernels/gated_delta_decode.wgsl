// Gated delta rule for few rows, with convolution, silu, L2 norms and gates in one kernel (docs/MODEL.md 6). Rows are positions
// position … position + pending + rows - 1 of ring buffers that hold the layer's raw projections; the last `rows` of them give
// outputs, and S as it is after the first `commit` rows is stored, so rows that may be taken back need not be committed. Both
// `pending` and `commit` are more by accepted():
//   u(p) = silu(sum_j w[j] ring[p - K + 1 + j]);  q = u_q |u_q|^(-1) Dk^(-1/2);  k = u_k |u_k|^(-1);  v = u_v
//   beta = sigmoid(b);  S <- e^(neg_a softplus(a + dt_bias)) S;  d = beta (v - S^T k);  S <- S + k d^T;  o = S^T q
// qkv: f32 ring rows, queries [Hk, Dk], keys [Hk, Dk], values [Hv, Dv]; b_in, a_in: f32 ring rows of [Hv]; weight: f32 [K, channels];
// gate_weights: f32 [2, Hv], neg_a then dt_bias; state S: f32 [Hv, Dk, Dv];
// o: f32 [rows, Hv, Dv], then from squares_at the sums of squares of blocks of 32 columns, [rows, Hv, ceil(Dv / 32)].
// One workgroup owns 32 columns of one head: lane = slice * 8 + column quad; SPLIT slices share the rows of S and add up in workgroup memory.
// S comes from stored(at): from the tensor it goes to, or from another. DK4, SPLIT, KERNEL, RING_MASK, UNROLL, stored and accepted come
// from the preamble.
@group(0) @binding(0) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(1) var<storage, read> b_in: array<f32>;
@group(0) @binding(2) var<storage, read> a_in: array<f32>;
@group(0) @binding(3) var<storage, read> weight: array<vec4f>;
@group(0) @binding(4) var<storage, read> gate_weights: array<f32>;
@group(0) @binding(5) var<storage, read_write> state: array<vec4f>;
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
  quads: u32,  // DK4 / SPLIT again, as a number the compiler does not know
  q_scale: f32,
}
var<immediate> params: Params;
const WG = 8u * SPLIT;
const QUADS = DK4 / SPLIT;
var<workgroup> q_row: array<vec4f, DK4>;
var<workgroup> k_row: array<vec4f, DK4>;
var<workgroup> norms: array<vec2f, WG>;
var<workgroup> parts: array<vec4f, WG>;

fn convolved(channel4: u32, position: u32) -> vec4f {
  let channels4 = 2u * params.key_heads * DK4 + params.value_heads * params.dv4;
  var sum = vec4f();
  for (var j = 0u; j < KERNEL; j++) {
    let row = (position + 1u + j - KERNEL) & RING_MASK;
    sum += weight[j * channels4 + channel4] * qkv[params.u_offset4 + row * params.u_stride4 + channel4];
  }
  return sum / (1.0 + exp(-sum));
}

// ln(1 + e) for 0 <= e <= 1, exact for small e: see delta_gates.
fn log1p(e: f32) -> f32 {
  let s = e / (2.0 + e);
  let z = s * s;
  return 2.0 * s * (1.0 + z * (1.0 / 3.0 + z * (1.0 / 5.0 + z * (1.0 / 7.0 + z * (1.0 / 9.0 + z * (1.0 / 11.0 + z * (1.0 / 13.0 + z / 15.0)))))));
}

// Sum over the slices; every lane of a column gets it. Two barriers: written before read, read before written again.
fn slice_sum(value: vec4f, lane: u32) -> vec4f {
  if (SPLIT == 1u) {
    return value;
  }
  parts[lane] = value;
  workgroupBarrier();
  var sum = vec4f();
  for (var i = 0u; i < SPLIT; i++) {
    sum += parts[i * 8u + lane % 8u];
  }
  workgroupBarrier();
  return sum;
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let quads = select(params.quads, QUADS, UNROLL);
  let h = group.y;
  let g = h / (params.value_heads / params.key_heads);
  let dv4 = params.dv4;
  let column = group.x * 8u + lane % 8u;
  let inside = column < dv4;
  let safe_column = min(column, dv4 - 1u);
  let first_quad = (lane / 8u) * QUADS;
  let s_at = (h * DK4 + first_quad) * 4u * dv4 + safe_column;
  var s: array<mat4x4f, QUADS>;
  for (var i = 0u; i < quads; i++) {
    let at = s_at + i * 4u * dv4;
    s[i] = mat4x4f(stored(at), stored(at + dv4), stored(at + 2u * dv4), stored(at + 3u * dv4));
  }
  let neg_a = gate_weights[h];
  let dt_bias = gate_weights[params.value_heads + h];
  let pending = params.pending + accepted();
  let commit = params.commit + accepted();
  for (var n = 0u; n < pending + params.rows; n++) {
    let position = params.position + n;
    var squares = vec2f();
    for (var j = lane; j < 2u * DK4; j += WG) {
      let is_key = j >= DK4;
      let i = j % DK4;
      let u = convolved(select(g, params.key_heads + g, is_key) * DK4 + i, position);
      if (is_key) {
        k_row[i] = u;
        squares.y += dot(u, u);
      } else {
        q_row[i] = u;
        squares.x += dot(u, u);
      }
    }
    norms[lane] = squares;
    workgroupBarrier();  // q_row, k_row and norms are complete
    var total = vec2f();
    for (var i = 0u; i < WG; i++) {
      total += norms[i];
    }
    let factors = inverseSqrt(total + 1e-6) * vec2f(params.q_scale, 1.0);
    let v = convolved(2u * params.key_heads * DK4 + h * dv4 + safe_column, position);
    let ring_row = position & RING_MASK;
    let beta = 1.0 / (1.0 + exp(-b_in[params.b_offset + ring_row * params.b_stride + h]));
    let a = a_in[params.a_offset + ring_row * params.a_stride + h] + dt_bias;
    let decay = exp(neg_a * (max(a, 0.0) + log1p(exp(-abs(a)))));
    var m = vec4f();
    for (var i = 0u; i < quads; i++) {
      s[i] *= decay;
      m += s[i] * (k_row[first_quad + i] * factors.y);
    }
    let d = beta * (v - slice_sum(m, lane));
    var out = vec4f();
    for (var i = 0u; i < quads; i++) {
      let k = k_row[first_quad + i] * factors.y;
      s[i] += mat4x4f(d * k.x, d * k.y, d * k.z, d * k.w);
      out += s[i] * (q_row[first_quad + i] * factors.x);
    }
    out = slice_sum(out, lane);
    if (n + 1u == commit && inside) {
      for (var i = 0u; i < quads; i++) {
        let at = s_at + i * 4u * dv4;
        state[at] = s[i][0];
        state[at + dv4] = s[i][1];
        state[at + 2u * dv4] = s[i][2];
        state[at + 3u * dv4] = s[i][3];
      }
    }
    parts[lane] = select(vec4f(), out, inside);
    workgroupBarrier();  // outputs are complete; q_row, k_row and norms are read
    if (n >= pending && lane < 8u) {
      let head = (n - pending) * params.value_heads + h;
      if (inside) {
        for (var c = 0u; c < 4u; c++) {
          o[(head * dv4 + column) * 4u + c] = out[c];
        }
      }
      if (lane == 0u) {
        var sum = 0.0;
        for (var i = 0u; i < 8u; i++) {
          sum += dot(parts[i], parts[i]);
        }
        o[params.squares_at + head * ((dv4 + 7u) / 8u) + group.x] = sum;
      }
    }
    workgroupBarrier();  // parts is read
  }
}
