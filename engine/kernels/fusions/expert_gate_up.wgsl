// Fusion expert_gate_up: h[t, s, f] = weight(t, s) silu(n . W[e, f, :]) (n . W[e, F + f, :]),
//   n = gain * x[t] * (mean_k x[t, k]^2 + eps)^(-1/2),  e = id(t, s) of choice: u32 [T, slots, 2] as (id, f32 weight)
// W: [experts of this part, 2F, K], gate rows before up rows, or two matrices [experts of this part, F, K], gate and up (APART_0).
// STACKS = 2: the expert behind them is stored in another way, likewise in one matrix or two (APART_1).
// x: f32 rows of K; gain: f32 [K]; h: f32 [T, slots, F max].
// N = 1; group.y = t * (slots of this dispatch) + (s - slot_start). An expert of another part is skipped.
@group(0) @binding(3) var<storage, read> x: array<vec4f>;
@group(0) @binding(4) var<storage, read> gain: array<vec4f>;
@group(0) @binding(5) var<storage, read> choice: array<vec2u>;
@group(0) @binding(6) var<storage, read_write> hidden: array<f32>;
struct Params {
  columns: u32,        // K
  width_0: u32,        // F of each stack
  width_1: u32,
  x_stride4: u32,
  slots: u32,          // of a row of choice
  slot_start: u32,
  slot_count: u32,
  expert_start: u32,   // id of the first expert of this part
  expert_count: u32,
  hidden_stride: u32,  // F max
  eps: f32,
}
var<immediate> params: Params;
const NOT_HERE = 0xffffffffu;
const NORMS = true;
const PAIRS = OUT / 2u;
// The number of the second stack's first matrix.
const SECOND = 1u + APART_0;
var<private> square: f32;
var<private> row: u32;
// Gate and up are read one after the other, and the squares of x counted once.
var<private> counts: f32;

fn groups_before(_group_x: u32) -> u32 {
  return 0u;
}
fn entry_of(batch: u32) -> u32 {
  return (batch / params.slot_count) * params.slots + params.slot_start + batch % params.slot_count;
}
fn slot_count() -> u32 {
  return 1u + max(APART_0, APART_1);
}
fn place_of(group: vec3u, slot: u32) -> Place {
  row = group.y / params.slot_count;
  counts = select(1.0, 0.0, slot == 1u);
  let expert = choice[entry_of(group.y)].x - params.expert_start;
  if (STACKS == 2u && expert == params.expert_count) {
    return Place(SECOND + slot, select(0u, NOT_HERE, slot > APART_1), params.columns);
  }
  let first = expert * params.width_0 * (2u - APART_0);
  return Place(slot, select(first, NOT_HERE, slot > APART_0 || expert >= params.expert_count), params.columns);
}
fn stack_of(matrix: u32) -> u32 {
  return select(0u, 1u, STACKS == 2u && matrix >= SECOND);
}
fn weight_rows(matrix: u32, block: u32) -> vec4u {
  let stack = stack_of(matrix);
  let width = select(params.width_0, params.width_1, stack == 1u);
  // OUT = 4: gate 0, gate 1, up 0, up 1; OUT = 2: gate 0, up 0.
  let f = min(vec2u(block * PAIRS) + vec2u(0u, 1u), vec2u(width - 1u));
  let up = f + select(width, 0u, select(APART_0, APART_1, stack == 1u) == 1u);
  if (PAIRS == 2u) {
    return vec4u(f, up);
  }
  return vec4u(f.x, up.x, 0u, 0u);
}
fn activation(_r: u32, quad: u32) -> vec4f {
  let v = x[row * params.x_stride4 + quad];
  square = dot(v, v) * counts;
  return v * gain[quad];
}
fn finish(group: vec3u, _r: u32, block: u32, sums: vec4f, sum_of_squares: f32) {
  let entry = entry_of(group.y);
  let chosen = choice[entry];
  let expert = chosen.x - params.expert_start;
  if (expert >= params.expert_count + (STACKS - 1u)) {
    return;
  }
  let width = select(params.width_0, params.width_1, STACKS == 2u && expert == params.expert_count);
  let scaled = sums * inverseSqrt(sum_of_squares / f32(params.columns) + params.eps);
  for (var p = 0u; p < PAIRS; p++) {
    let f = block * PAIRS + p;
    let gate = scaled[p];
    if (f < width) {
      hidden[entry * params.hidden_stride + f] =
        bitcast<f32>(chosen.y) * (gate / (1.0 + exp(-gate))) * scaled[p + PAIRS];
    }
  }
}
