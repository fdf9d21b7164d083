// y[entry, m] = sum_k x[entry / x_divisor, k] * w[expert(entry), m, k], for entries grouped by expert.
// Weight accessor in front: w [experts of this part, M, K]. x: f32 [*, K]; y: f32 [entries, M].
// tiles: (expert, first, count, 0) from moe_lists; order: entry indices sorted by expert.
// One invocation owns TILE_COLS outputs of one tile (TILE_ROWS entries of one expert). Tiles with count 0 end at once.
@group(0) @binding(3) var<storage, read> x: array<vec4f>;
@group(0) @binding(4) var<storage, read> tiles: array<vec4u>;
@group(0) @binding(5) var<storage, read> order: array<u32>;
@group(0) @binding(6) var<storage, read_write> y: array<f32>;
struct Params {
  outputs: u32,        // M
  units_per_row: u32,  // K / UNIT
  x_divisor: u32,      // experts per token when x has one row a token, 1 when it has one row an entry
  expert_start: u32,   // first expert of this part
  expert_count: u32,
}
var<immediate> params: Params;
override wg: u32 = 64;

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  let m0 = (group.x * wg + lane.x) * TILE_COLS;
  let tile = tiles[group.y];
  let expert = tile.x - params.expert_start;
  if (m0 >= params.outputs || tile.z == 0u || expert >= params.expert_count) {
    return;
  }
  var acc: array<array<f32, TILE_COLS>, TILE_ROWS>;
  var x_at: array<u32, TILE_ROWS>;
  for (var r = 0u; r < TILE_ROWS; r++) {
    let entry = order[tile.y + min(r, tile.z - 1u)];
    x_at[r] = (entry / params.x_divisor) * params.units_per_row * (UNIT / 4u);
  }
  var w_at: array<u32, TILE_COLS>;
  for (var c = 0u; c < TILE_COLS; c++) {
    w_at[c] = (expert * params.outputs + min(m0 + c, params.outputs - 1u)) * params.units_per_row;
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
    if (r >= tile.z) {
      break;
    }
    let to = order[tile.y + r] * params.outputs;
    for (var c = 0u; c < TILE_COLS; c++) {
      if (m0 + c < params.outputs) {
        y[to + m0 + c] = acc[r][c];
      }
    }
  }
}
