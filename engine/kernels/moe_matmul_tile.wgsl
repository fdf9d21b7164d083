// y[entry, m] = sum_k x[entry / x_divisor, k] * w[expert(entry), m, k], for entries grouped by expert.
// Weight accessor in front: w [experts of this part, M, K]. x: f32 [*, K]; y: f32 [entries, M].
// tiles: (expert, first, count, 0) from moe_lists; order: entry indices sorted by expert.
// One invocation owns four outputs of one tile (TILE_ROWS entries of one expert) and walks K in quads. Tiles with count 0 end at once.
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
}
var<immediate> params: Params;
override wg: u32 = 64;

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  let m0 = (group.x * wg + lane.x) * 4u;
  let tile = tiles[group.y];
  let expert = tile.x - params.expert_start;
  if (m0 >= params.outputs || tile.z == 0u || expert >= params.expert_count) {
    return;
  }
  var acc: array<vec4f, TILE_ROWS>;
  var x_at: array<u32, TILE_ROWS>;
  for (var r = 0u; r < TILE_ROWS; r++) {
    let entry = order[tile.y + min(r, tile.z - 1u)];
    x_at[r] = (entry / params.x_divisor) * params.quads_per_row;
  }
  let w_at = (vec4u(expert * params.outputs) + min(vec4u(m0) + vec4u(0u, 1u, 2u, 3u), vec4u(params.outputs - 1u))) * params.quads_per_row;
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
  let own = min(4u, params.outputs - m0);
  for (var s = 0u; s < min(TILE_ROWS, tile.z); s++) {
    var sums = acc[0];
    for (var r = 1u; r < TILE_ROWS; r++) {
      sums = select(sums, acc[r], r == s);
    }
    let y_at = order[tile.y + s] * params.outputs;
    for (var c = 0u; c < own; c++) {
      y[y_at + m0 + c] = sums[c];
    }
  }
}
