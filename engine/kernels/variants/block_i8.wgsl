// The block of variants/block for weights whose codes are integers, by dot4I8Packed: 4 products an instruction where a device has it.
// K is walked in steps of 32, what shares a scale. Weights are staged as their codes. An activation is staged as two codes of 8 bits,
//   x = s (high + low / 254),  s = largest |x| of its 32 / 127,
// so it is right to 2^-16 of that largest one. Sums of codes are exact (32 * 128 * 127 fits), and scaled once a step, in f32.
// A step whose largest |x| is no finite number gets the scale NaN. Lane l stages row l of weights and of activations, LANES apart.
// In front: as for variants/block, but no staging, and a weight accessor with weight_codes(quad): four signed codes in a word.
// Barriers: a step is staged before it is multiplied, and multiplied before the next one is staged.
const LANES = OUTPUT_LANES * ROW_LANES;
const OUTPUTS = OUTPUT_LANES * 8u;
const ROWS = ROW_LANES * LANE_ROWS;
const WORDS = 8u;
const PITCH = WORDS + 1u;
var<workgroup> w_codes: array<u32, OUTPUTS * PITCH>;
var<workgroup> w_scales: array<f32, OUTPUTS>;
var<workgroup> x_high: array<u32, ROWS * PITCH>;
var<workgroup> x_low: array<u32, ROWS * PITCH>;
var<workgroup> x_scales: array<f32, ROWS>;

fn stage_weights(row: u32, w_at: u32, first: u32) {
  for (var k = 0u; k < WORDS; k++) {
    w_codes[row * PITCH + k] = weight_codes(w_at + first + k);
  }
  w_scales[row] = weight_scale(w_at + first).x;
}
fn stage_activations(row: u32, at: u32) {
  var largest = 0.0;
  var odd = false;
  for (var k = 0u; k < WORDS; k++) {
    let v = abs(x[at + k]);
    let most = max(max(v.x, v.y), max(v.z, v.w));
    let bits = bitcast<vec4u>(v) & vec4u(0x7f800000u);
    odd = odd || any(bits == vec4u(0x7f800000u));
    largest = max(largest, most);
  }
  // Below, its inverse would be none; all codes are zero then.
  let usable = largest > 1e-30;
  let s = select(0.0, largest / 127.0, usable);
  let to_codes = select(0.0, 127.0 / largest, usable);
  for (var k = 0u; k < WORDS; k++) {
    let scaled = x[at + k] * to_codes;
    let high = clamp(round(scaled), vec4f(-127.0), vec4f(127.0));
    let low = clamp(round((scaled - high) * 254.0), vec4f(-127.0), vec4f(127.0));
    x_high[row * PITCH + k] = pack4xI8(vec4i(high));
    x_low[row * PITCH + k] = pack4xI8(vec4i(low));
  }
  x_scales[row] = select(s, bitcast<f32>(0x7fc00000u | params.outputs), odd);
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) id: vec3u) {
  let block = block_of(group);
  if (block.rows == 0u) {
    return;
  }
  let lane_rows = select(params.lane_rows, LANE_ROWS, UNROLL);
  let m = id.x % OUTPUT_LANES;
  let t = id.x / OUTPUT_LANES;
  // Of each row, outputs 0-3 and 4-7.
  var low: array<vec4f, LANE_ROWS>;
  var high: array<vec4f, LANE_ROWS>;
  for (var first = 0u; first < params.quads_per_row; first += WORDS) {
    for (var row = id.x; row < OUTPUTS; row += LANES) {
      let output = min(block.first_output + row, params.outputs - 1u);
      stage_weights(row, block.w_at + output * params.quads_per_row, first);
    }
    for (var row = id.x; row < ROWS; row += LANES) {
      stage_activations(row, x_start(block, row) + first);
    }
    workgroupBarrier();
    for (var r = 0u; r < lane_rows; r++) {
      let row = t + r * ROW_LANES;
      for (var half = 0u; half < 2u; half++) {
        var coarse: vec4i;
        var fine: vec4i;
        coarse = vec4i();
        fine = vec4i();
        let output = m + half * 4u * OUTPUT_LANES;
        for (var k = 0u; k < WORDS; k++) {
          let h = x_high[row * PITCH + k];
          let l = x_low[row * PITCH + k];
          let w = vec4u(
            w_codes[output * PITCH + k], w_codes[(output + OUTPUT_LANES) * PITCH + k],
            w_codes[(output + 2u * OUTPUT_LANES) * PITCH + k], w_codes[(output + 3u * OUTPUT_LANES) * PITCH + k]);
          coarse += vec4i(dot4I8Packed(w.x, h), dot4I8Packed(w.y, h), dot4I8Packed(w.z, h), dot4I8Packed(w.w, h));
          fine += vec4i(dot4I8Packed(w.x, l), dot4I8Packed(w.y, l), dot4I8Packed(w.z, l), dot4I8Packed(w.w, l));
        }
        let scales = x_scales[row] * vec4f(
          w_scales[output], w_scales[output + OUTPUT_LANES],
          w_scales[output + 2u * OUTPUT_LANES], w_scales[output + 3u * OUTPUT_LANES]);
        let sum = scales * (vec4f(coarse) + vec4f(fine) / 254.0);
        if (half == 0u) {
          low[r] += sum;
        } else {
          high[r] += sum;
        }
      }
    }
    workgroupBarrier();
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
