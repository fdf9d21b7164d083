// The equation, tensors and layouts of attention_prefill, for devices whose subgroups have exactly 8 lanes.
// One workgroup is one subgroup and owns 8 neighbouring rows of one head: lane l holds the vec4 l, l + 8, … of their queries
// and value sums, so every key and value is loaded once for 8 rows. Scores are summed over the subgroup, two vec4 for 8 rows.
// Rows past the end repeat the last one and are not written. PARTS = ceil(D / 32) comes from the preamble.
@group(0) @binding(0) var<storage, read> q: array<vec4f>;
@group(0) @binding(1) var<storage, read> keys: array<KvLoad>;
@group(0) @binding(2) var<storage, read> values: array<KvLoad>;
@group(0) @binding(3) var<storage, read> gate: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> o: array<vec4f>;
struct Params {
  rows: u32,
  heads: u32,
  kv_heads: u32,
  start: u32,  // position of row 0
  gate_offset4: u32,
  gate_stride4: u32,
  gate_head_stride4: u32,
  scale: f32,  // D^(-1/2)
}
var<immediate> params: Params;

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let t0 = group.x * 8u;
  let h = group.y;
  let g = h / (params.heads / params.kv_heads);
  var query: array<array<vec4f, PARTS>, 8>;
  var sum: array<array<vec4f, PARTS>, 8>;
  for (var r = 0u; r < 8u; r++) {
    let row = min(t0 + r, params.rows - 1u);
    for (var j = 0u; j < PARTS; j++) {
      let d = j * 8u + lane;
      if (d < D4) {
        query[r][j] = q[(row * params.heads + h) * D4 + d] * params.scale;
      }
    }
  }
  // Rows 0-3 and 4-7: largest score and sum of weights so far, and the last position each row sees.
  var top_a = vec4f(-1e30);
  var top_b = vec4f(-1e30);
  var total_a = vec4f(0.0);
  var total_b = vec4f(0.0);
  let last = vec4u(params.rows - 1u);
  let sees_a = params.start + min(vec4u(t0) + vec4u(0u, 1u, 2u, 3u), last);
  let sees_b = params.start + min(vec4u(t0) + vec4u(4u, 5u, 6u, 7u), last);
  let end = sees_b.w + 1u;
  for (var p = 0u; p < end; p++) {
    let row_at = p * params.kv_heads + g;
    var dots_a = vec4f(0.0);
    var dots_b = vec4f(0.0);
    var value: array<vec4f, PARTS>;
    for (var j = 0u; j < PARTS; j++) {
      let d = j * 8u + lane;
      if (d < D4) {
        let key = kv_quad(&keys, row_at, d);
        value[j] = kv_quad(&values, row_at, d);
        dots_a += vec4f(dot(query[0][j], key), dot(query[1][j], key), dot(query[2][j], key), dot(query[3][j], key));
        dots_b += vec4f(dot(query[4][j], key), dot(query[5][j], key), dot(query[6][j], key), dot(query[7][j], key));
      }
    }
    let score_a = select(vec4f(-1e30), subgroupAdd(dots_a), vec4u(p) <= sees_a);
    let score_b = select(vec4f(-1e30), subgroupAdd(dots_b), vec4u(p) <= sees_b);
    let new_a = max(top_a, score_a);
    let new_b = max(top_b, score_b);
    let shrink_a = exp(top_a - new_a);
    let shrink_b = exp(top_b - new_b);
    let weight_a = exp(score_a - new_a);
    let weight_b = exp(score_b - new_b);
    top_a = new_a;
    top_b = new_b;
    total_a = total_a * shrink_a + weight_a;
    total_b = total_b * shrink_b + weight_b;
    for (var j = 0u; j < PARTS; j++) {
      for (var r = 0u; r < 4u; r++) {
        sum[r][j] = sum[r][j] * shrink_a[r] + value[j] * weight_a[r];
        sum[r + 4u][j] = sum[r + 4u][j] * shrink_b[r] + value[j] * weight_b[r];
      }
    }
  }
  for (var r = 0u; r < 8u; r++) {
    let row = t0 + r;
    if (row >= params.rows) {
      break;
    }
    let total = select(total_b[r & 3u], total_a[r & 3u], r < 4u);
    for (var j = 0u; j < PARTS; j++) {
      let d = j * 8u + lane;
      if (d < D4) {
        let gate_at = params.gate_offset4 + row * params.gate_stride4 + h * params.gate_head_stride4 + d;
        o[(row * params.heads + h) * D4 + d] = sum[r][j] / total / (1.0 + exp(-gate[gate_at]));
      }
    }
  }
}
