// y[entry, m] = sum_k x[entry / x_divisor, k] * w[expert(entry), m, k], for entries grouped by expert.
// Weight accessor in front: w [experts of this part, M, K]. x: f32 [*, K]; y: f32 [entries, M].
// tiles: (expert, first, count, 0) from moe_lists; order: entry indices sorted by expert.
// For tiles of one entry: one invocation owns TILE_COLS outputs and walks K in units of UNIT elements. Tiles with count 0 end at once.
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
  let entry = order[tile.y];
  let x_at = (entry / params.x_divisor) * params.units_per_row * (UNIT / 4u);
  var acc: array<f32, TILE_COLS>;
  var w_at: array<u32, TILE_COLS>;
  for (var c = 0u; c < TILE_COLS; c++) {
    w_at[c] = (expert * params.outputs + min(m0 + c, params.outputs - 1u)) * params.units_per_row;
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
      y[entry * params.outputs + m0 + c] = acc[c];
    }
  }
}
