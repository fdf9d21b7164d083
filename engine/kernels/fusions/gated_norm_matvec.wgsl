// Fusion gated_norm_matvec: y[t, m] += sum_k W[m, k] gain[i] o[t, h, i] (mean_i o[t, h, :]^2 + eps)^(-1/2) silu(z[t, h, i])
// with k = p * Dv + i; the head h at position p is p, or with tile_heads = Hk > 0 the one that files with tiled heads put there:
// (p mod Hk) * r + p / Hk, r = Hv / Hk. o: f32 [T, Hv, Dv], and in the same buffer from squares_at the sums of squares of its blocks, [T, Hv, blocks];
// DIM4: Dv / 4. z: f32 rows with offset and stride, row (z_row + accepted() + t) & z_mask; gain: f32 [Dv]; y: f32 rows.
@group(0) @binding(3) var<storage, read> o: array<vec4f>;
@group(0) @binding(4) var<storage, read> o_squares: array<f32>;
@group(0) @binding(5) var<storage, read> z: array<vec4f>;
@group(0) @binding(6) var<storage, read> gain: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> y: array<f32>;
struct Params {
  outputs: u32,        // weight rows of this part
  columns: u32,        // K
  rows: u32,           // T
  heads: u32,          // Hv
  blocks: u32,         // of a head
  squares_at: u32,
  z_offset4: u32,
  z_stride4: u32,
  z_row: u32,
  z_mask: u32,
  tile_heads: u32,
  y_offset: u32,       // includes the first output of this part
  y_stride: u32,
  eps: f32,
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
  let t = min(first_row + r, params.rows - 1u);
  let position = quad / DIM4;
  let i = quad % DIM4;
  var h = position;
  if (params.tile_heads > 0u) {
    h = (position % params.tile_heads) * (params.heads / params.tile_heads) + position / params.tile_heads;
  }
  let head = t * params.heads + h;
  var sum = 0.0;
  for (var b = 0u; b < params.blocks; b++) {
    sum += o_squares[params.squares_at + head * params.blocks + b];
  }
  let factor = inverseSqrt(sum / f32(DIM4 * 4u) + params.eps);
  let gate = z[params.z_offset4 + ((params.z_row + accepted() + t) & params.z_mask) * params.z_stride4 + h * DIM4 + i];
  return gain[i] * (o[head * DIM4 + i] * factor) * (gate / (1.0 + exp(-gate)));
}
fn finish(group: vec3u, r: u32, block: u32, sums: vec4f, _sum_of_squares: f32) {
  let t = group.y * N + r;
  let m = block * OUT;
  for (var c = 0u; c < min(OUT, params.outputs - min(m, params.outputs)) && t < params.rows; c++) {
    y[params.y_offset + t * params.y_stride + m + c] += sums[c];
  }
}
