// Fusion norm_matvec: y[t, m] = (sum_k W[m, k] gain[k] x[t, k]) * (mean_k x[t, k]^2 + eps)^(-1/2)
// The norm's factor is applied to the sum, so x is read once. gain: f32 [K] (holds the +1). x: f32 rows with offset and stride.
// W: up to three matrices, whose outputs stand side by side in a row of y, each from a multiple of 4 on; workgroups in x take the rows of
// one after those of the other. Row t of y is row (y_row + accepted() + t) & y_mask, so that y may be a ring. Rows: t = group.y * N + r.
@group(0) @binding(3) var<storage, read> x: array<vec4f>;
@group(0) @binding(4) var<storage, read> gain: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
struct Params {
  columns: u32,        // K
  rows: u32,           // T
  x_offset4: u32,
  x_stride4: u32,
  y_offset: u32,       // includes the first output of this part
  y_stride: u32,
  y_row: u32,
  y_mask: u32,
  outputs_0: u32,      // weight rows of the matrices
  outputs_1: u32,
  outputs_2: u32,
  eps: f32,
}
var<immediate> params: Params;
const NOT_HERE = 0xffffffffu;
const NORMS = true;
var<private> square: f32;
var<private> first_row: u32;

fn groups_of(outputs: u32) -> u32 {
  return (outputs + GROUP_ROWS - 1u) / GROUP_ROWS;
}
fn matrix_of(group_x: u32) -> u32 {
  let first = groups_of(params.outputs_0);
  if (MATRICES == 1u || group_x < first) {
    return 0u;
  }
  return select(2u, 1u, MATRICES == 2u || group_x - first < groups_of(params.outputs_1));
}
// Workgroups of the matrices before the one of this workgroup.
fn groups_before(group_x: u32) -> u32 {
  let matrix = matrix_of(group_x);
  return select(0u, groups_of(params.outputs_0), matrix > 0u) + select(0u, groups_of(params.outputs_1), matrix > 1u);
}
fn outputs_of(matrix: u32) -> u32 {
  if (MATRICES == 1u || matrix == 0u) {
    return params.outputs_0;
  }
  return select(params.outputs_2, params.outputs_1, matrix == 1u);
}
// Outputs of the matrices before, with what fills them up to a multiple of 4.
fn outputs_before(matrix: u32) -> u32 {
  return select(0u, (params.outputs_0 + 3u) & ~3u, matrix > 0u) + select(0u, (params.outputs_1 + 3u) & ~3u, matrix > 1u);
}
fn slot_count() -> u32 {
  return 1u;
}
fn place_of(group: vec3u, _slot: u32) -> Place {
  first_row = group.y * N;
  return Place(matrix_of(group.x), 0u, params.columns);
}
fn weight_rows(matrix: u32, block: u32) -> vec4u {
  return min(vec4u(block * OUT) + vec4u(0u, 1u, 2u, 3u), vec4u(outputs_of(matrix) - 1u));
}
fn activation(r: u32, quad: u32) -> vec4f {
  let v = x[params.x_offset4 + min(first_row + r, params.rows - 1u) * params.x_stride4 + quad];
  square = dot(v, v);
  return v * gain[quad];
}
fn finish(group: vec3u, r: u32, block: u32, sums: vec4f, sum_of_squares: f32) {
  let t = group.y * N + r;
  let matrix = matrix_of(group.x);
  let outputs = outputs_of(matrix);
  let factor = inverseSqrt(sum_of_squares / f32(params.columns) + params.eps);
  let at = params.y_offset + outputs_before(matrix) + ((params.y_row + accepted() + t) & params.y_mask) * params.y_stride;
  let m = block * OUT;
  for (var c = 0u; c < min(OUT, outputs - min(m, outputs)) && t < params.rows; c++) {
    y[at + m + c] = sums[c] * factor;
  }
}
