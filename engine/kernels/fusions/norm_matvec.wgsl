// Fusion norm_matvec: y[t, m] = (sum_k W[m, k] gain[k] x[t, k]) * (mean_k x[t, k]^2 + eps)^(-1/2)
// The norm's factor is applied to the sum, so x is read once. gain: f32 [K] (holds the +1). x: f32 rows with offset and stride.
// Row t of y is row (y_row + accepted() + t) & y_mask, so that y may be a ring. Rows: t = group.y * N + r.
@group(0) @binding(3) var<storage, read> x: array<vec4f>;
@group(0) @binding(4) var<storage, read> gain: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
struct Params {
  outputs: u32,        // weight rows of this part
  units_per_row: u32,
  rows: u32,           // T
  x_offset4: u32,
  x_stride4: u32,
  y_offset: u32,       // includes the first output of this part
  y_stride: u32,
  y_row: u32,
  y_mask: u32,
  eps: f32,
}
var<immediate> params: Params;
const NOT_HERE = 0xffffffffu;
var<private> square: f32;
var<private> first_row: u32;

fn slot_count() -> u32 {
  return 1u;
}
fn first_weight_row(batch: u32, _slot: u32) -> u32 {
  first_row = batch * N;
  return 0u;
}
fn weight_rows(block: u32) -> vec4u {
  return min(vec4u(block * OUT) + vec4u(0u, 1u, 2u, 3u), vec4u(params.outputs - 1u));
}
fn activation(r: u32, quad: u32) -> vec4f {
  let v = x[params.x_offset4 + min(first_row + r, params.rows - 1u) * params.x_stride4 + quad];
  square = dot(v, v);
  return v * gain[quad];
}
fn finish(batch: u32, r: u32, block: u32, sums: vec4f, sum_of_squares: f32) {
  let t = batch * N + r;
  let factor = inverseSqrt(sum_of_squares / f32(params.units_per_row * UNIT) + params.eps);
  let at = params.y_offset + ((params.y_row + accepted() + t) & params.y_mask) * params.y_stride;
  let m = block * OUT;
  for (var c = 0u; c < min(OUT, params.outputs - min(m, params.outputs)) && t < params.rows; c++) {
    y[at + m + c] = sums[c] * factor;
  }
}
