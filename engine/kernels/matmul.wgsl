// y[t, m] (+)= sum_k x[t, k] * w[m, k]
// Weight accessor in front: w [M, K]. x: f32 rows of K in vec4, row stride x_stride4; y: f32, row stride y_stride.
// One invocation owns TILE_COLS neighbouring outputs m of TILE_ROWS rows t and walks K in units.
// K is a multiple of UNIT. No barriers: rows and columns past the end are clamped when read, skipped when written.
@group(0) @binding(3) var<storage, read> x: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
struct Params {
  rows: u32,           // T
  outputs: u32,        // M of this part
  units_per_row: u32,  // K / UNIT
  x_offset4: u32,
  x_stride4: u32,
  y_offset: u32,       // includes the first output of this part
  y_stride: u32,
  accumulate: u32,     // 1: add to y
}
var<immediate> params: Params;
override wg: u32 = 64;

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  let m0 = (group.x * wg + lane.x) * TILE_COLS;
  let t0 = group.y * TILE_ROWS;
  if (m0 >= params.outputs) {
    return;
  }
  var acc: array<array<f32, TILE_COLS>, TILE_ROWS>;
  var x_at: array<u32, TILE_ROWS>;
  for (var r = 0u; r < TILE_ROWS; r++) {
    x_at[r] = params.x_offset4 + min(t0 + r, params.rows - 1u) * params.x_stride4;
  }
  var w_at: array<u32, TILE_COLS>;
  for (var c = 0u; c < TILE_COLS; c++) {
    w_at[c] = min(m0 + c, params.outputs - 1u) * params.units_per_row;
  }
  for (var u = 0u; u < params.units_per_row; u++) {
    for (var c = 0u; c < TILE_COLS; c++) {
      let w = weight_unit(w_at[c] + u);
      for (var r = 0u; r < TILE_ROWS; r++) {
        let at = x_at[r] + u * (UNIT / 4u);
        var sum = 0.0;
        for (var i = 0u; i < UNIT / 4u; i++) {
          sum += dot(w[i], x[at + i]);
        }
        acc[r][c] += sum;
      }
    }
  }
  for (var r = 0u; r < TILE_ROWS; r++) {
    if (t0 + r >= params.rows) {
      break;
    }
    for (var c = 0u; c < TILE_COLS; c++) {
      if (m0 + c < params.outputs) {
        let at = params.y_offset + (t0 + r) * params.y_stride + m0 + c;
        if (params.accumulate == 1u) {
          y[at] += acc[r][c];
        } else {
          y[at] = acc[r][c];
        }
      }
    }
  }
}
