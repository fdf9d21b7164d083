// Gated delta rule, token by token (docs/MODEL.md 6.4). Per value head h with key head g = h / ratio, for every row t in order:
//   S <- e^log_decay * S;  m = S^T k;  d = beta * (v - m);  S <- S + k d^T;  o = S^T q
// qkv: f32 rows [T] of stride `stride`: queries [Hk, Dk] (normed, scaled), keys [Hk, Dk] (normed), values [Hv, Dv];
// gates: f32 [T, Hv, 2] (beta, log_decay); state S: f32 [Hv, Dk, Dv]; o: f32 [T, Hv, Dv].
// One invocation owns one column of one head's S, held in registers over all rows. DK4 = Dk / 4 comes from the preamble, and UNROLL:
// a GPU unrolls the loops to keep S in registers; a software device would compile for seconds.
@group(0) @binding(0) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(1) var<storage, read> gates: array<vec2f>;
@group(0) @binding(2) var<storage, read_write> state: array<f32>;
@group(0) @binding(3) var<storage, read_write> o: array<f32>;
struct Params {
  rows: u32,
  key_heads: u32,
  value_heads: u32,
  value_dim: u32,
  stride4: u32,
  dk4: u32,  // DK4 again, as a number the compiler does not know
}
var<immediate> params: Params;
override wg: u32 = 64;

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  let dk4 = select(params.dk4, DK4, UNROLL);
  let column = group.x * wg + lane.x;
  let h = group.y;
  let dv = params.value_dim;
  if (column >= dv) {
    return;
  }
  let g = h / (params.value_heads / params.key_heads);
  let s_at = h * DK4 * 4u * dv + column;
  var s: array<vec4f, DK4>;
  for (var i = 0u; i < dk4; i++) {
    let at = s_at + i * 4u * dv;
    s[i] = vec4f(state[at], state[at + dv], state[at + 2u * dv], state[at + 3u * dv]);
  }
  let v_at = 2u * params.key_heads * DK4 * 4u + h * dv + column;
  for (var t = 0u; t < params.rows; t++) {
    let row = t * params.stride4;
    let q_at = row + g * DK4;
    let k_at = q_at + params.key_heads * DK4;
    let gate = gates[t * params.value_heads + h];
    let decay = exp(gate.y);
    var m = 0.0;
    for (var i = 0u; i < dk4; i++) {
      s[i] *= decay;
      m += dot(s[i], qkv[k_at + i]);
    }
    let flat = row * 4u + v_at;
    let d = gate.x * (qkv[flat / 4u][flat % 4u] - m);
    var out = 0.0;
    for (var i = 0u; i < dk4; i++) {
      s[i] += qkv[k_at + i] * d;
      out += dot(s[i], qkv[q_at + i]);
    }
    o[(t * params.value_heads + h) * dv + column] = out;
  }
  for (var i = 0u; i < dk4; i++) {
    let at = s_at + i * 4u * dv;
    state[at] = s[i].x;
    state[at + dv] = s[i].y;
    state[at + 2u * dv] = s[i].z;
    state[at + 3u * dv] = s[i].w;
  }
}
