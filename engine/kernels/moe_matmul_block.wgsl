// y[entry, m] = sum_k x[entry / x_divisor, k] * w[expert(entry), m, k], for entries grouped by expert, in blocks: see variants/block.
// Weight accessor in front: w [experts of this part, M, K]. x: f32 [*, K]; y: f32 [entries, M].
// tiles: (expert, first, count, 0) from moe_lists, of at most ROWS entries; order: entry indices sorted by expert.
// A workgroup owns OUTPUTS outputs of one tile. Tiles with count 0, or of another part's experts, end at once, all lanes together.
// K is a multiple of 16. Entries and outputs past the end are clamped when read, skipped when written.
@group(0) @binding(3) var<storage, read> x: array<vec4f>;
@group(0) @binding(4) var<storage, read> tiles: array<vec4u>;
@group(0) @binding(5) var<storage, read> order: array<u32>;
@group(0) @binding(6) var<storage, read_write> y: array<f32>;
struct Params {
  outputs: u32,        // M
  quads_per_row: u32,  // K / 4
  x_divisor: u32,      // experts per token when x has one row a token, 1 when it has one row an entry
  expert_start: u32,   // first expert of this part
  expert_count: u32,
  lane_rows: u32,      // LANE_ROWS again
}
var<immediate> params: Params;

struct Block {
  rows: u32,
  first_output: u32,
  w_at: u32,
  first_entry: u32,
}
fn block_of(group: vec3u) -> Block {
  let tile = tiles[group.y];
  let expert = tile.x - params.expert_start;
  let rows = select(0u, tile.z, expert < params.expert_count);
  return Block(rows, group.x * OUTPUTS, expert * params.outputs * params.quads_per_row, tile.y);
}
fn x_start(block: Block, row: u32) -> u32 {
  return (order[block.first_entry + min(row, block.rows - 1u)] / params.x_divisor) * params.quads_per_row;
}
fn put(block: Block, row: u32, output: u32, sum: f32) {
  y[order[block.first_entry + row] * params.outputs + output] = sum;
}
