// Last stage of the chunked gated delta rule (docs/MODEL.md 6.5): the walk over chunks. Per value head, chunk by chunk:
//   N = U - W S;   O_i = e^(G_i) q_i^T S + sum_{j<=i} P_ij N_j;   S <- e^(G_last) S + sum_i e^(G_last - G_i) k_i N_i^T
// solved [T, Hv, Dv + Dk] = (U, W); scores (P in .y); state S: f32 [Hv, Dk, Dv]; o: f32 [T, Hv, Dv].
// One invocation owns one column of one head's S. DK4 = Dk / 4, CHUNK and UNROLL come from the preamble.
@group(0) @binding(0) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(1) var<storage, read> gates: array<vec2f>;
@group(0) @binding(2) var<storage, read> scores: array<vec2f>;
@group(0) @binding(3) var<storage, read> solved: array<f32>;
@group(0) @binding(4) var<storage, read_write> state: array<f32>;
@group(0) @binding(5) var<storage, read_write> o: array<f32>;
struct Params {
  rows: u32,
  key_heads: u32,
  value_heads: u32,
  value_dim: u32,
  stride4: u32,
  dk4: u32,
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
  let width = dv + DK4 * 4u;
  let g = h / (params.value_heads / params.key_heads);
  let s_at = h * DK4 * 4u * dv + column;
  var s: array<vec4f, DK4>;
  for (var i = 0u; i < dk4; i++) {
    let at = s_at + i * 4u * dv;
    s[i] = vec4f(state[at], state[at + dv], state[at + 2u * dv], state[at + 3u * dv]);
  }
  var n: array<f32, CHUNK>;
  for (var first = 0u; first < params.rows; first += CHUNK) {
    let count = min(CHUNK, params.rows - first);
    let p_at = ((first / CHUNK) * params.value_heads + h) * CHUNK * CHUNK;
    var log_decay = 0.0;
    for (var i = 0u; i < count; i++) {
      let row = ((first + i) * params.value_heads + h);
      let solved_at = row * width;
      let q_at = (first + i) * params.stride4 + g * DK4;
      var ws = 0.0;
      var qs = 0.0;
      for (var d = 0u; d < dk4; d++) {
        let w_at = solved_at + dv + d * 4u;
        ws += dot(vec4f(solved[w_at], solved[w_at + 1u], solved[w_at + 2u], solved[w_at + 3u]), s[d]);
        qs += dot(qkv[q_at + d], s[d]);
      }
      n[i] = solved[solved_at + column] - ws;
      log_decay += gates[row].y;
      var out = exp(log_decay) * qs;
      for (var j = 0u; j <= i; j++) {
        out += scores[p_at + i * CHUNK + j].y * n[j];
      }
      o[row * dv + column] = out;
    }
    // log_decay is now G_last; walk back so that G_last - G_i is summed, never divided.
    let decay = exp(log_decay);
    for (var d = 0u; d < dk4; d++) {
      s[d] *= decay;
    }
    var tail = 0.0;
    for (var back = 0u; back < count; back++) {
      let i = count - 1u - back;
      let k_at = (first + i) * params.stride4 + (params.key_heads + g) * DK4;
      let factor = exp(tail) * n[i];
      for (var d = 0u; d < dk4; d++) {
        s[d] += qkv[k_at + d] * factor;
      }
      tail += gates[(first + i) * params.value_heads + h].y;
    }
  }
  for (var i = 0u; i < dk4; i++) {
    let at = s_at + i * 4u * dv;
    state[at] = s[i].x;
    state[at + dv] = s[i].y;
    state[at + 2u * dv] = s[i].z;
    state[at + 3u * dv] = s[i].w;
  }
}
