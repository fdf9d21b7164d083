// y[t, m] (+)= sum_k x[t, k] * w[m, k]
// Weight accessor in front: w [M, K]. x: f32 rows of K in vec4, row stride x_stride4; y: f32, row stride y_stride.
// For batches: one invocation owns four neighbouring outputs m of TILE_ROWS rows t and walks K in quads of four elements,
// so each weight is used for TILE_ROWS rows. K is a multiple of 4. Rows and outputs past the end are clamped when read, skipped when written.
@group(0) @binding(3) var<storage, read> x: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
struct Params {
  rows: u32,           // T
  outputs: u32,        // M of this part
  quads_per_row: u32,  // K / 4
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
  let m0 = (group.x * wg + lane.x) * 4u;
  let t0 = group.y * TILE_ROWS;
  if (m0 >= params.outputs) {
    return;
  }
  var acc: array<vec4f, TILE_ROWS>;
  var x_at: array<u32, TILE_ROWS>;
  for (var r = 0u; r < TILE_ROWS; r++) {
    x_at[r] = params.x_offset4 + min(t0 + r, params.rows - 1u) * params.x_stride4;
  }
  let w_at = min(vec4u(m0) + vec4u(0u, 1u, 2u, 3u), vec4u(params.outputs - 1u)) * params.quads_per_row;
  for (var first = 0u; first < params.quads_per_row; first += 8u) {
    // Eight quads share a block's scale.
    let s0 = weight_scale(w_at.x + first);
    let s1 = weight_scale(w_at.y + first);
    let s2 = weight_scale(w_at.z + first);
    let s3 = weight_scale(w_at.w + first);
    let end = min(first + 8u, params.quads_per_row);
    for (var k = first; k < end; k++) {
      let w0 = weight_quad(w_at.x + k, s0);
      let w1 = weight_quad(w_at.y + k, s1);
      let w2 = weight_quad(w_at.z + k, s2);
      let w3 = weight_quad(w_at.w + k, s3);
      for (var r = 0u; r < TILE_ROWS; r++) {
        let v = x[x_at[r] + k];
        acc[r] += vec4f(dot(w0, v), dot(w1, v), dot(w2, v), dot(w3, v));
      }
    }
  }
  // By numbers which the compiler does not know, as in matmul_shuffle.
  let rows = min(TILE_ROWS, params.rows - t0);
  let own = min(4u, params.outputs - m0);
  for (var s = 0u; s < rows; s++) {
    var sums = acc[0];
    for (var r = 1u; r < TILE_ROWS; r++) {
      sums = select(sums, acc[r], r == s);
    }
    for (var c = 0u; c < own; c++) {
      let at = params.y_offset + (t0 + s) * params.y_stride + m0 + c;
      var all = sums[c];
      if (params.accumulate == 1u) {
        all += y[at];
      }
      y[at] = all;
    }
  }
}
