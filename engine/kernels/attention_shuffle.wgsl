// The equation, tensors and layouts of attention_prefill, by variants/attention_shuffle: a workgroup owns a block of queries.
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
  first_line: u32,
  scale: f32,  // D^(-1/2)
}
var<immediate> params: Params;

fn run_of(group: vec3u) -> Run {
  return Run(group.x, group.y, 0u, params.start + params.rows);
}
fn put(row: u32, d: u32, sum: vec4f, total: f32, group: vec3u) {
  let t = row / params.heads;
  let gate_at = params.gate_offset4 + t * params.gate_stride4 + (row % params.heads) * params.gate_head_stride4 + d;
  o[row * D4 + d] = sum / total / (1.0 + exp(-gate[gate_at]));
}
fn put_scale(row: u32, top: f32, total: f32, group: vec3u) {
}
