// The equation, tensors and layouts of attention_decode, by variants/attention_team: a workgroup owns blocks of lines in a split.
@group(0) @binding(0) var<storage, read> q: array<vec4f>;
@group(0) @binding(1) var<storage, read> keys: array<KvLoad>;
@group(0) @binding(2) var<storage, read> values: array<KvLoad>;
@group(0) @binding(3) var<storage, read_write> partial: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> stats: array<vec2f>;
struct Params {
  heads: u32,
  kv_heads: u32,
  rows: u32,         // the last of T and one
  start: u32,        // position of row 0
  split_keys: u32,   // keys in a split
  splits: u32,
  first_line: u32,
  first_split: u32,
  scale: f32,
}
var<immediate> params: Params;

fn run_of(group: vec3u) -> Run {
  let begin = (params.first_split + group.x) * params.split_keys;
  return Run(group.z, group.y, begin, begin + params.split_keys);
}
// Partial sums of the T rows lie one after another.
fn partial_row(row: u32, group: vec3u) -> u32 {
  return (row - params.first_line * params.kv_heads) * params.splits + params.first_split + group.x;
}
fn put(row: u32, d: u32, sum: vec4f, total: f32, group: vec3u) {
  partial[partial_row(row, group) * D4 + d] = sum;
}
fn put_scale(row: u32, top: f32, total: f32, group: vec3u) {
  stats[partial_row(row, group)] = vec2f(top, total);
}
