// Fusion expert_down: y[t, m] += sum_s sum_f W[e, m, f] h[t, s, f],  e = id(t, s) of choice: u32 [T, slots, 2] as (id, f32 weight)
// One long sum over all slots in their order, so nothing is combined afterwards. h (weights applied already): f32 [T, slots, F max];
// W: [experts of this part, M, F], and another [1, M, F] if the expert behind them is stored in another type; y: f32 rows.
// N = 1; group.y = t. Slots of experts of another part are skipped.
@group(0) @binding(3) var<storage, read> hidden: array<vec4f>;
@group(0) @binding(4) var<storage, read> choice: array<vec2u>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
struct Params {
  outputs: u32,         // M
  columns_0: u32,       // F of each matrix
  columns_1: u32,
  slots: u32,           // of a row of choice
  slot_start: u32,
  slot_count: u32,
  expert_start: u32,    // id of the first expert of this part
  expert_count: u32,
  hidden_stride4: u32,  // F max / 4
  y_stride: u32,
}
var<immediate> params: Params;
const NOT_HERE = 0xffffffffu;
const NORMS = false;
var<private> square: f32;
var<private> hidden_at: u32;

fn groups_before(_group_x: u32) -> u32 {
  return 0u;
}
fn slot_count() -> u32 {
  return params.slot_count;
}
fn place_of(group: vec3u, slot: u32) -> Place {
  let entry = group.y * params.slots + params.slot_start + slot;
  hidden_at = entry * params.hidden_stride4;
  let expert = choice[entry].x - params.expert_start;
  if (MATRICES == 2u && expert == params.expert_count) {
    return Place(1u, 0u, params.columns_1);
  }
  return Place(0u, select(NOT_HERE, expert * params.outputs, expert < params.expert_count), params.columns_0);
}
fn weight_rows(_matrix: u32, block: u32) -> vec4u {
  return min(vec4u(block * OUT) + vec4u(0u, 1u, 2u, 3u), vec4u(params.outputs - 1u));
}
fn activation(_r: u32, quad: u32) -> vec4f {
  return hidden[hidden_at + quad];
}
fn finish(group: vec3u, _r: u32, block: u32, sums: vec4f, _sum_of_squares: f32) {
  let m = block * OUT;
  for (var c = 0u; c < min(OUT, params.outputs - min(m, params.outputs)); c++) {
    y[group.y * params.y_stride + m + c] += sums[c];
  }
}
