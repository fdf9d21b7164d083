// y[t, m] (+)= sum_k x[t, k] * w[m, k], in blocks: see variants/block.
// Weight accessor in front: w [M, K], M rows from quad w_first on. x: f32 rows of K in vec4, row stride x_stride4; y: f32, row stride y_stride.
// For batches on GPUs: a workgroup owns OUTPUTS outputs m of ROWS rows t, row blocks of the same weights are neighbours.
// K is a multiple of 16. Rows and outputs past the end are clamped when read, skipped when written.
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
  w_first: u32,        // first quad of w that counts
  lane_rows: u32,      // LANE_ROWS again
}
var<immediate> params: Params;

struct Block {
  rows: u32,
  first_output: u32,
  w_at: u32,
  first_row: u32,
}
fn block_of(group: vec3u) -> Block {
  let first_row = group.x * ROWS;
  return Block(params.rows - first_row, group.y * OUTPUTS, params.w_first, first_row);
}
fn x_start(block: Block, row: u32) -> u32 {
  return params.x_offset4 + (block.first_row + min(row, block.rows - 1u)) * params.x_stride4;
}
fn put(block: Block, row: u32, output: u32, sum: f32) {
  let at = params.y_offset + (block.first_row + row) * params.y_stride + output;
  var all = sum;
  if (params.accumulate == 1u) {
    all += y[at];
  }
  y[at] = all;
}
