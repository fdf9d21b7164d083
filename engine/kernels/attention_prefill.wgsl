// o[t, h, :] = sigmoid(gate[t, h, :]) * sum_p softmax_p( q[t, h] . keys[p, g] * scale ) values[p, g, :],  p <= start + t,  g = h / ratio
// q: f32 [T, heads, D]; keys, values: rows as the KV accessor in front reads them; gate: f32 rows with offset and stride, head h at h * gate_head_stride;
// o: f32 [T, heads, D]. Online softmax in f32; one invocation owns one head of one row, neighbours share keys and values.
// UNROLL comes from the preamble (see gated_delta_step).
@group(0) @binding(0) var<storage, read> q: array<vec4f>;
@group(0) @binding(1) var<storage, read> keys: array<KvLoad>;
@group(0) @binding(2) var<storage, read> values: array<KvLoad>;
@group(0) @binding(3) var<storage, read> gate: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> o: array<vec4f>;
struct Params {
  rows: u32,   // the last one and one
  heads: u32,
  kv_heads: u32,
  start: u32,  // position of row 0
  gate_offset4: u32,
  gate_stride4: u32,
  gate_head_stride4: u32,
  d4: u32,
  first_row: u32,
  scale: f32,  // D^(-1/2)
}
var<immediate> params: Params;
override wg: u32 = 64;

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  let d4 = select(params.d4, D4, UNROLL);
  let t = params.first_row + group.x * wg + lane.x;
  let h = group.y;
  if (t >= params.rows) {
    return;
  }
  let g = h / (params.heads / params.kv_heads);
  var query: array<vec4f, D4>;
  var sum: array<vec4f, D4>;
  let q_at = (t * params.heads + h) * D4;
  for (var i = 0u; i < d4; i++) {
    query[i] = q[q_at + i] * params.scale;
  }
  var top = -1e30;
  var total = 0.0;
  for (var p = 0u; p <= params.start + t; p++) {
    let row_at = kv_at(p, g, params.kv_heads);
    var score = 0.0;
    for (var i = 0u; i < d4; i++) {
      score += dot(query[i], kv_quad(&keys, row_at, i));
    }
    let new_top = max(top, score);
    let shrink = exp(top - new_top);
    let weight = exp(score - new_top);
    top = new_top;
    total = total * shrink + weight;
    for (var i = 0u; i < d4; i++) {
      sum[i] = sum[i] * shrink + kv_quad(&values, row_at, i) * weight;
    }
  }
  let gate_at = params.gate_offset4 + t * params.gate_stride4 + h * params.gate_head_stride4;
  for (var i = 0u; i < d4; i++) {
    o[q_at + i] = sum[i] / total / (1.0 + exp(-gate[gate_at + i]));
  }
}
