// y[t, m] (+)= sum_k x[t, k] * w[m, k]
// Weight accessor in front: w [M, K]. x: f32 rows of K in vec4, row stride x_stride4; y: f32, row stride y_stride.
// For single rows: one invocation owns TILE_COLS neighbouring outputs m of one row t and walks K in units of UNIT elements,
// so that every load is 16 bytes. K is a multiple of UNIT. Outputs past the end are clamped when read, skipped when written.
@group(0) @binding(3) var<storage, read> x: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
struct Params {
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
  if (m0 >= params.outputs) {
    return;
  }
  let t = group.y;
  let x_at = params.x_offset4 + t * params.x_stride4;
  var acc: array<f32, TILE_COLS>;
  var w_at: array<u32, TILE_COLS>;
  for (var c = 0u; c < TILE_COLS; c++) {
    w_at[c] = min(m0 + c, params.outputs - 1u) * params.units_per_row;
  }
  for (var u = 0u; u < params.units_per_row; u++) {
    var values: array<vec4f, UNIT / 4u>;
    for (var i = 0u; i < UNIT / 4u; i++) {
      values[i] = x[x_at + u * (UNIT / 4u) + i];
    }
    for (var c = 0u; c < TILE_COLS; c++) {
      let w = weight_unit(w_at[c] + u);
      var sum = 0.0;
      for (var i = 0u; i < UNIT / 4u; i++) {
        sum += dot(w[i], values[i]);
      }
      acc[c] += sum;
    }
  }
  for (var c = 0u; c < TILE_COLS; c++) {
    if (m0 + c < params.outputs) {
      let at = params.y_offset + t * params.y_stride + m0 + c;
      if (params.accumulate == 1u) {
        y[at] += acc[c];
      } else {
        y[at] = acc[c];
      }
    }
  }
}
