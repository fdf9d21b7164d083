// The block of variants/block by subgroup matrices, for GPUs that multiply small matrices as a whole. Four teams, a subgroup each, share
// the block: a team owns TEAM_OUTPUTS outputs of TEAM_ROWS rows, as DOWN * ACROSS sums of MATRIX_OUTPUTS by MATRIX_ROWS values.
// K is walked in steps of 16, staged by all lanes as in variants/block; a step is 16 / MATRIX_DEPTH products for every sum. At the end
// each team puts one sum at a time into workgroup memory, from where all lanes write it out.
// In front: as for variants/block, but LANES, MATRIX_OUTPUTS, MATRIX_ROWS and MATRIX_DEPTH (each divides 16), StagedValue, the type of a
// staged value, and matrices/device or matrices/emulated:
//   load_weights(at), load_activations(at)   a matrix whose first value is at `at` of its tile, K along the rows of the tile
//   multiplied(w, x, sums) -> Sums           sums + w x
//   keep_sums(at, sums)                      into `kept`, the outputs of a row one after another
// A device whose subgroups are smaller than the largest it may have has more than four; the others only stage and write.
// Barriers: a step is staged before it is multiplied, and multiplied before the next one; sums are kept before they are written, and
// written before the next are kept.
const TEAMS = 4u;
const OUTPUTS = OUTPUT_LANES * 8u;
const ROWS = ROW_LANES * LANE_ROWS;
const ROW_TEAMS = select(1u, 2u, ROWS >= 32u);
const TEAM_ROWS = ROWS / ROW_TEAMS;
const TEAM_OUTPUTS = OUTPUTS * ROW_TEAMS / TEAMS;
const DOWN = TEAM_OUTPUTS / MATRIX_OUTPUTS;
const ACROSS = TEAM_ROWS / MATRIX_ROWS;
const MATRIX_SUMS = MATRIX_OUTPUTS * MATRIX_ROWS;
const STEP = 4u;                       // quads
const DEPTH = STEP * 4u;
const PITCH = DEPTH + PAD;             // a matrix begins at a multiple of 16 bytes
const APART = LANES / STEP;            // rows of a tile that all lanes stage at once
const W_SHARE = (OUTPUTS + APART - 1u) / APART;
const X_SHARE = (ROWS + APART - 1u) / APART;
var<workgroup> w_tile: array<StagedValue, OUTPUTS * PITCH>;
var<workgroup> x_tile: array<StagedValue, ROWS * PITCH>;
var<workgroup> kept: array<f32, TEAMS * MATRIX_SUMS>;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_id) team: u32,
) {
  let block = block_of(group);
  if (block.rows == 0u) {
    return;
  }
  // Zero, which the compiler does not know: loops stay rolled where they are wanted so.
  let rolled = select(params.lane_rows >> 16u, 0u, UNROLL);
  let down = DOWN + rolled;
  let across = ACROSS + rolled;
  let quad = lane % STEP;
  let row = lane / STEP;
  var w_at: array<u32, W_SHARE>;
  for (var i = 0u; i < W_SHARE; i++) {
    w_at[i] = block.w_at + min(block.first_output + row + i * APART, params.outputs - 1u) * params.quads_per_row;
  }
  var x_at: array<u32, X_SHARE>;
  for (var i = 0u; i < X_SHARE; i++) {
    x_at[i] = x_start(block, row + i * APART) + quad;
  }
  let team_output = (team / ROW_TEAMS) * TEAM_OUTPUTS;
  let team_row = (team % ROW_TEAMS) * TEAM_ROWS;
  var sums: array<Sums, DOWN * ACROSS>;
  for (var first = 0u; first < params.quads_per_row; first += 8u) {
    // Eight quads share a block's scale.
    var scales: array<vec2f, W_SHARE>;
    for (var i = 0u; i < W_SHARE; i++) {
      scales[i] = weight_scale(w_at[i] + first);
    }
    let end = min(first + 8u, params.quads_per_row);
    for (var k = first; k < end; k += STEP) {
      for (var i = 0u; i < W_SHARE; i++) {
        if (row + i * APART < OUTPUTS) {
          let v = Staged(weight_quad(w_at[i] + k + quad, scales[i]));
          let at = (row + i * APART) * PITCH + quad * 4u;
          w_tile[at] = v.x;
          w_tile[at + 1u] = v.y;
          w_tile[at + 2u] = v.z;
          w_tile[at + 3u] = v.w;
        }
      }
      for (var i = 0u; i < X_SHARE; i++) {
        if (row + i * APART < ROWS) {
          let v = staged(x[x_at[i] + k]);
          let at = (row + i * APART) * PITCH + quad * 4u;
          x_tile[at] = v.x;
          x_tile[at + 1u] = v.y;
          x_tile[at + 2u] = v.z;
          x_tile[at + 3u] = v.w;
        }
      }
      workgroupBarrier();
      if (team < TEAMS) {
        for (var depth = 0u; depth < DEPTH; depth += MATRIX_DEPTH) {
          var activations: array<Activations, ACROSS>;
          for (var c = 0u; c < across; c++) {
            activations[c] = load_activations((team_row + c * MATRIX_ROWS) * PITCH + depth);
          }
          for (var d = 0u; d < down; d++) {
            let weights = load_weights((team_output + d * MATRIX_OUTPUTS) * PITCH + depth);
            for (var c = 0u; c < across; c++) {
              sums[d * ACROSS + c] = multiplied(weights, activations[c], sums[d * ACROSS + c]);
            }
          }
        }
      }
      workgroupBarrier();
    }
  }
  for (var d = 0u; d < down; d++) {
    for (var c = 0u; c < across; c++) {
      if (team < TEAMS) {
        keep_sums(team * MATRIX_SUMS, sums[d * ACROSS + c]);
      }
      workgroupBarrier();
      for (var i = lane; i < TEAMS * MATRIX_SUMS; i += LANES) {
        let owner = i / MATRIX_SUMS;
        let at = i % MATRIX_SUMS;
        let out_row = (owner % ROW_TEAMS) * TEAM_ROWS + c * MATRIX_ROWS + at / MATRIX_OUTPUTS;
        let output = block.first_output + (owner / ROW_TEAMS) * TEAM_OUTPUTS + d * MATRIX_OUTPUTS + at % MATRIX_OUTPUTS;
        if (out_row < block.rows && output < params.outputs) {
          put(block, out_row, output, kept[i]);
        }
      }
      workgroupBarrier();
    }
  }
}
