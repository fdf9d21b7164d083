// Fusion expert_gate_up: h[t, s, f] = weight(t, s) silu(n . W[e, f, :]) (n . W[e, F + f, :]),
//   n = gain * x[t] * (mean_k x[t, k]^2 + eps)^(-1/2),  e = id(t, s) of choice: u32 [T, slots, 2] as (id, f32 weight)
// W: [experts of this part, 2F, K], gate rows before up rows. x: f32 rows of K; gain: f32 [K]; h: f32 [T, slots, F max].
// N = 1; group.y = t * (slots of this dispatch) + (s - slot_start). An expert of another part is skipped.
@group(0) @binding(3) var<storage, read> x: array<vec4f>;
@group(0) @binding(4) var<storage, read> gain: array<vec4f>;
@group(0) @binding(5) var<storage, read> choice: array<vec2u>;
@group(0) @binding(6) var<storage, read_write> hidden: array<f32>;
struct Params {
  width: u32,          // F
  units_per_row: u32,
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
const PAIRS = OUT / 2u;
var<private> square: f32;
var<private> row: u32;

fn entry_of(batch: u32) -> u32 {
  return (batch / params.slot_count) * params.slots + params.slot_start + batch % params.slot_count;
}
fn slot_count() -> u32 {
  return 1u;
}
fn first_weight_row(batch: u32, _slot: u32) -> u32 {
  row = batch / params.slot_count;
  let expert = choice[entry_of(batch)].x - params.expert_start;
  return select(NOT_HERE, expert * 2u * params.width, expert < params.expert_count);
}
fn weight_rows(block: u32) -> vec4u {
  // OUT = 4: gate 0, gate 1, up 0, up 1; OUT = 2: gate 0, up 0.
  let f = min(vec2u(block * PAIRS) + vec2u(0u, 1u), vec2u(params.width - 1u));
  if (PAIRS == 2u) {
    return vec4u(f, f + params.width);
  }
  return vec4u(f.x, f.x + params.width, 0u, 0u);
}
fn activation(_r: u32, quad: u32) -> vec4f {
  let v = x[row * params.x_stride4 + quad];
  square = dot(v, v);
  return v * gain[quad];
}
fn finish(batch: u32, _r: u32, block: u32, sums: vec4f, sum_of_squares: f32) {
  let entry = entry_of(batch);
  let chosen = choice[entry];
  if (chosen.x - params.expert_start >= params.expert_count) {
    return;
  }
  let scaled = sums * inverseSqrt(sum_of_squares / f32(params.units_per_row * UNIT) + params.eps);
  for (var p = 0u; p < PAIRS; p++) {
    let f = block * PAIRS + p;
    let gate = scaled[p];
    if (f < params.width) {
      hidden[entry * params.hidden_stride + f] =
        bitcast<f32>(chosen.y) * (gate / (1.0 + exp(-gate))) * scaled[p + PAIRS];
    }
  }
}
