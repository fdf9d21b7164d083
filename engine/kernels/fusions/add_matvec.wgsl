// Fusion add_matvec: y[t, m] (+)= sum_k W[m, k] x[t, k]
// x: f32 rows with offset and stride; y: f32 rows with offset and stride. Rows: t = group.y * N + r.
@group(0) @binding(3) var<storage, read> x: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
struct Params {
  outputs: u32,        // weight rows of this part
  columns: u32,        // K
  rows: u32,           // T
  x_offset4: u32,
  x_stride4: u32,
  y_offset: u32,       // includes the first output of this part
  y_stride: u32,
  accumulate: u32,     // 1: add to y
}
var<immediate> params: Params;
const NOT_HERE = 0xffffffffu;
const NORMS = false;
var<private> square: f32;
var<private> first_row: u32;

fn groups_before(_group_x: u32) -> u32 {
  return 0u;
}
fn slot_count() -> u32 {
  return 1u;
}
fn place_of(group: vec3u, _slot: u32) -> Place {
  first_row = group.y * N;
  return Place(0u, 0u, params.columns);
}
fn weight_rows(_matrix: u32, block: u32) -> vec4u {
  return min(vec4u(block * OUT) + vec4u(0u, 1u, 2u, 3u), vec4u(params.outputs - 1u));
}
fn activation(r: u32, quad: u32) -> vec4f {
  return x[params.x_offset4 + min(first_row + r, params.rows - 1u) * params.x_stride4 + quad];
}
fn finish(group: vec3u, r: u32, block: u32, sums: vec4f, _sum_of_squares: f32) {
  let t = group.y * N + r;
  let m = block * OUT;
  for (var c = 0u; c < min(OUT, params.outputs - min(m, params.outputs)) && t < params.rows; c++) {
    let at = params.y_offset + t * params.y_stride + m + c;
    if (params.accumulate == 1u) {
      y[at] += sums[c];
    } else {
      y[at] = sums[c];
    }
  }
}
