// First stage of the chunked gated delta rule (docs/MODEL.md 6.5). Inside each chunk, per value head, with D_ij = e^(G_i - G_j), j <= i:
//   scores_A[i, j] = beta_i (k_i . k_j) D_ij  for j < i, else 0;   scores_P[i, j] = (q_i . k_j) D_ij  for j <= i, else 0
// qkv, gates as in gated_delta_step; scores: f32 [chunks, Hv, CHUNK, CHUNK, 2] as (A, P).
// One invocation owns one (i, j); G_i - G_j is summed directly, so nothing overflows. Rows past T are left alone.
@group(0) @binding(0) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(1) var<storage, read> gates: array<vec2f>;
@group(0) @binding(2) var<storage, read_write> scores: array<vec2f>;
struct Params {
  rows: u32,
  key_heads: u32,
  value_heads: u32,
  dim4: u32,  // Dk / 4
  stride4: u32,
}
var<immediate> params: Params;
override wg: u32 = 64;

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  let pair = group.x * wg + lane.x;
  let h = group.y;
  let chunk = group.z;
  let i = pair / CHUNK;
  let j = pair % CHUNK;
  let first = chunk * CHUNK;
  if (pair >= CHUNK * CHUNK || first + i >= params.rows) {
    return;
  }
  let at = ((chunk * params.value_heads + h) * CHUNK + i) * CHUNK + j;
  if (j > i) {
    scores[at] = vec2f(0.0);
    return;
  }
  let g = h / (params.value_heads / params.key_heads);
  let q_i = (first + i) * params.stride4 + g * params.dim4;
  let k_i = q_i + params.key_heads * params.dim4;
  let k_j = (first + j) * params.stride4 + (params.key_heads + g) * params.dim4;
  var kk = 0.0;
  var qk = 0.0;
  for (var d = 0u; d < params.dim4; d++) {
    let key = qkv[k_j + d];
    kk += dot(qkv[k_i + d], key);
    qk += dot(qkv[q_i + d], key);
  }
  var log_decay = 0.0;
  for (var l = j + 1u; l <= i; l++) {
    log_decay += gates[(first + l) * params.value_heads + h].y;
  }
  let decay = exp(log_decay);
  let beta = gates[(first + i) * params.value_heads + h].x;
  scores[at] = vec2f(select(0.0, beta * kk * decay, j < i), qk * decay);
}
