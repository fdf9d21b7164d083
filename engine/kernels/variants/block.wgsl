// A block of a product with weights, for GPUs: one workgroup owns OUTPUTS rows of weights times ROWS rows of activations.
// K is walked in steps of 16. In each, every weight of the block is decoded once into workgroup memory, every activation is staged
// beside it; then each lane multiplies 8 outputs by LANE_ROWS rows of them, in registers. Lane l owns outputs
// l % OUTPUT_LANES + n OUTPUT_LANES and rows l / OUTPUT_LANES + n ROW_LANES: neighbours read neighbouring rows of a tile, whose pitch
// keeps them in different banks. Outputs past the end repeat the last one when read.
// In front come OUTPUT_LANES, ROW_LANES, LANE_ROWS, UNROLL, a staging and a weight accessor. The kernel declares x and params with
// outputs, quads_per_row (a multiple of 4) and lane_rows (LANE_ROWS, as a number the compiler does not know), and says
//   block_of(group) -> Block   which block: rows, 0 for none; first_output; w_at, the first quad of its matrix
//   x_start(block, row) -> u32 where row `row` of the block begins in x; any row may be asked for
//   put(block, row, output, sum)   for rows and outputs that exist
// Barriers: a step is staged before it is multiplied, and multiplied before the next one is staged.
const LANES = OUTPUT_LANES * ROW_LANES;
const OUTPUTS = OUTPUT_LANES * 8u;
const ROWS = ROW_LANES * LANE_ROWS;
const STEP = 4u;                       // quads
const PITCH = STEP + 1u;
const APART = LANES / STEP;            // rows of a tile that all lanes stage at once
const W_SHARE = OUTPUTS / APART;       // quads of weights and of activations that a lane stages in a step
const X_SHARE = ROWS / APART;
var<workgroup> w_tile: array<Staged, OUTPUTS * PITCH>;
var<workgroup> x_tile: array<Staged, ROWS * PITCH>;

fn weights(output: u32, quad: u32) -> vec4f {
  return vec4f(w_tile[output * PITCH + quad]);
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) id: vec3u) {
  let block = block_of(group);
  if (block.rows == 0u) {
    return;
  }
  let lane_rows = select(params.lane_rows, LANE_ROWS, UNROLL);
  // What this lane stages, and what it owns.
  let quad = id.x % STEP;
  let row = id.x / STEP;
  let m = id.x % OUTPUT_LANES;
  let t = id.x / OUTPUT_LANES;
  var w_at: array<u32, W_SHARE>;
  for (var i = 0u; i < W_SHARE; i++) {
    w_at[i] = block.w_at + min(block.first_output + row + i * APART, params.outputs - 1u) * params.quads_per_row;
  }
  var x_at: array<u32, X_SHARE>;
  for (var i = 0u; i < X_SHARE; i++) {
    x_at[i] = x_start(block, row + i * APART) + quad;
  }
  // Outputs 0-3 and 4-7 of each row.
  var low: array<vec4f, LANE_ROWS>;
  var high: array<vec4f, LANE_ROWS>;
  for (var first = 0u; first < params.quads_per_row; first += 8u) {
    // Eight quads share a block's scale.
    var scales: array<vec2f, W_SHARE>;
    for (var i = 0u; i < W_SHARE; i++) {
      scales[i] = weight_scale(w_at[i] + first);
    }
    let end = min(first + 8u, params.quads_per_row);
    for (var k = first; k < end; k += STEP) {
      for (var i = 0u; i < W_SHARE; i++) {
        w_tile[(row + i * APART) * PITCH + quad] = Staged(weight_quad(w_at[i] + k + quad, scales[i]));
      }
      for (var i = 0u; i < X_SHARE; i++) {
        x_tile[(row + i * APART) * PITCH + quad] = staged(x[x_at[i] + k]);
      }
      workgroupBarrier();
      for (var q = 0u; q < STEP; q++) {
        // Turned: row n of a, b is element n of outputs 0-3, 4-7. A sum takes four multiply-adds, none across a vector.
        let a = transpose(mat4x4f(
          weights(m, q), weights(m + OUTPUT_LANES, q), weights(m + 2u * OUTPUT_LANES, q), weights(m + 3u * OUTPUT_LANES, q)));
        let b = transpose(mat4x4f(
          weights(m + 4u * OUTPUT_LANES, q), weights(m + 5u * OUTPUT_LANES, q), weights(m + 6u * OUTPUT_LANES, q), weights(m + 7u * OUTPUT_LANES, q)));
        for (var r = 0u; r < lane_rows; r++) {
          let v = vec4f(x_tile[(t + r * ROW_LANES) * PITCH + q]);
          low[r] = fma(a[3], v.wwww, fma(a[2], v.zzzz, fma(a[1], v.yyyy, fma(a[0], v.xxxx, low[r]))));
          high[r] = fma(b[3], v.wwww, fma(b[2], v.zzzz, fma(b[1], v.yyyy, fma(b[0], v.xxxx, high[r]))));
        }
      }
      workgroupBarrier();
    }
  }
  let lane_outputs = select(8u * min(params.lane_rows, 1u), 8u, UNROLL);
  for (var r = 0u; r < lane_rows; r++) {
    for (var c = 0u; c < lane_outputs; c++) {
      let output = block.first_output + m + c * OUTPUT_LANES;
      if (t + r * ROW_LANES < block.rows && output < params.outputs) {
        put(block, t + r * ROW_LANES, output, select(high[r][c & 3u], low[r][c & 3u], c < 4u));
      }
    }
  }
}
