// Second stage of the chunked gated delta rule (docs/MODEL.md 6.5): X = (I + A)^(-1) B by forward substitution, one column each.
//   columns 0 … Dv-1:       B_i = beta_i v_i          -> U
//   columns Dv … Dv+Dk-1:   B_i = beta_i e^(G_i) k_i  -> W
// scores as written by gated_delta_chunk_scores (A in .x); solved: f32 [T, Hv, Dv + Dk] as (U, W).
// One invocation owns one column of one chunk and head and holds it in CHUNK registers.
@group(0) @binding(0) var<storage, read> qkv: array<f32>;
@group(0) @binding(1) var<storage, read> gates: array<vec2f>;
@group(0) @binding(2) var<storage, read> scores: array<vec2f>;
@group(0) @binding(3) var<storage, read_write> solved: array<f32>;
struct Params {
  rows: u32,
  key_heads: u32,
  value_heads: u32,
  key_dim: u32,
  value_dim: u32,
  stride: u32,
}
var<immediate> params: Params;
override wg: u32 = 64;

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  let column = group.x * wg + lane.x;
  let width = params.value_dim + params.key_dim;
  if (column >= width) {
    return;
  }
  let h = group.y;
  let chunk = group.z;
  let first = chunk * CHUNK;
  let count = min(CHUNK, params.rows - first);
  let g = h / (params.value_heads / params.key_heads);
  let is_value = column < params.value_dim;
  // Offset of this column's source in a row: v of head h, or k of key head g.
  let source = select(
    (params.key_heads + g) * params.key_dim + column - params.value_dim,
    2u * params.key_heads * params.key_dim + h * params.value_dim + column,
    is_value);
  let a_at = (chunk * params.value_heads + h) * CHUNK * CHUNK;
  var x: array<f32, CHUNK>;
  var log_decay = 0.0;
  for (var i = 0u; i < count; i++) {
    let gate = gates[(first + i) * params.value_heads + h];
    log_decay += gate.y;
    var value = gate.x * qkv[(first + i) * params.stride + source] * select(exp(log_decay), 1.0, is_value);
    for (var j = 0u; j < i; j++) {
      value -= scores[a_at + i * CHUNK + j].x * x[j];
    }
    x[i] = value;
    solved[((first + i) * params.value_heads + h) * width + column] = value;
  }
}
