// Rows of gated_delta_step_shuffle: queries, keys and values convolved and normed already, gates computed; see gated_delta_step.wgsl.
@group(0) @binding(1) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(2) var<storage, read> gates: array<vec2f>;
@group(0) @binding(3) var<storage, read_write> o: array<vec4f>;
struct Params {
  rows: u32,
  key_heads: u32,
  value_heads: u32,
  dv4: u32,
  stride4: u32,
  dk4: u32,  // DK4 again
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
  return 0u;
}
fn row_count() -> u32 {
  return params.rows;
}
fn commit_count() -> u32 {
  return params.rows;
}
fn query_quad(n: u32, i: u32) -> vec4f {
  return qkv[n * params.stride4 + g * DK4 + i];
}
fn key_quad(n: u32, i: u32) -> vec4f {
  return qkv[n * params.stride4 + (params.key_heads + g) * DK4 + i];
}
fn value_quad(n: u32, column: u32) -> vec4f {
  return qkv[n * params.stride4 + 2u * params.key_heads * DK4 + h * params.dv4 + column];
}
fn row_factors(_squares: vec2f) -> vec2f {
  return vec2f(1.0);
}
fn row_gate(n: u32) -> vec2f {
  let gate = gates[n * params.value_heads + h];
  return vec2f(gate.x, exp(gate.y));
}
fn finish(n: u32, _block: u32, column: u32, inside: bool, out: vec4f, _squares: f32, _lane: u32) {
  if (inside) {
    o[(n * params.value_heads + h) * params.dv4 + column] = out;
  }
}
