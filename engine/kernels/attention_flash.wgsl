// The equation, tensors and layouts of attention_prefill, for GPUs: keys and values pass through workgroup memory, a tile at a time.
// The heads that share a key head g lie in one list of lines: line m = t * ratio + j is row t of head g * ratio + j. A workgroup of
// LANES lanes owns LINES neighbouring lines. For each tile of KEYS keys, which lie in one page, up to its last line's position,
//   scores: keys and queries are staged 16 values at a time, each lane sums 4 lines x 4 neighbouring keys in registers;
//   softmax, online in f32: four lanes a line, each with every fourth quad of its scores, agree on the largest so far;
//   values: staged VALUES keys at a time, each lane adds to 8 lines of the quads d, d + 32, …
// Lines past the end repeat the last one and are not written, keys past it have no weight. D is at most 256.
// Barriers: what is staged, scored or weighted is complete before others read it, and read before it is overwritten.
// UNROLL and the KV accessor come in front.
@group(0) @binding(0) var<storage, read> q: array<vec4f>;
@group(0) @binding(1) var<storage, read> keys: array<KvLoad>;
@group(0) @binding(2) var<storage, read> values: array<KvLoad>;
@group(0) @binding(3) var<storage, read> gate: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> o: array<vec4f>;
struct Params {
  rows: u32,    // the last one and one
  heads: u32,
  kv_heads: u32,
  start: u32,   // position of row 0
  gate_offset4: u32,
  gate_stride4: u32,
  gate_head_stride4: u32,
  d4: u32,      // D4 and 8, as numbers the compiler does not know: nothing is gained by unrolling what waits at barriers
  eight: u32,
  first_line: u32,
  scale: f32,   // D^(-1/2)
}
var<immediate> params: Params;
const LANES = 64u;
const LINES = 16u;
const KEYS = 64u;
const STEP = 4u;                      // quads of keys and queries staged at once
const PITCH = STEP + 1u;              // one is empty, so that neighbouring rows lie in different banks
const VALUES = 8u;
const LANE_LINES = 8u;                // lines of a lane where values are added
const PARTS = (D4 + 31u) / 32u;
const WEIGHTS_PITCH = KEYS / 4u + 4u; // quads of a line, and some that are empty for the same reason
var<workgroup> tile: array<vec4f, max((KEYS + LINES) * PITCH, VALUES * D4)>;
var<workgroup> weights: array<vec4f, LINES * WEIGHTS_PITCH>;
var<workgroup> of_lane: array<f32, LANES>;
var<workgroup> shrinks: array<f32, LINES>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) id: vec3u) {
  let lane = id.x;
  let lane_lines = select(params.eight, LANE_LINES, UNROLL);
  let at_once = select(params.eight, VALUES, UNROLL);
  let four = select(params.eight / 2u, 4u, UNROLL);
  let ratio = params.heads / params.kv_heads;
  let g = group.y;
  let first = params.first_line + group.x * LINES;
  let last = min(first + LINES, params.rows * ratio) - 1u;
  let end = params.start + last / ratio + 1u;
  // Staging: this quad of rows row, row + 16, … of a tile.
  let quad = lane % STEP;
  let row = lane / STEP;
  let q_line = min(first + row, last);
  let q_at = ((q_line / ratio) * params.heads + g * ratio + q_line % ratio) * D4;
  // Scores: four lines and four keys.
  let line4 = (lane / 16u) * 4u;
  let key4 = lane % 16u;
  // Softmax: a line, and which quads of it.
  let line = lane / 4u;
  let part = lane % 4u;
  let sees = params.start + min(first + line, last) / ratio;
  var top = -1e30;
  var total = 0.0;
  // Values: lines from there on, and quads of D.
  let lines_at = (lane / 32u) * LANE_LINES;
  let d = lane % 32u;
  var sum: array<array<vec4f, PARTS>, LANE_LINES>;

  let step = params.kv_heads * KV_ROW;
  for (var p0 = 0u; p0 < end; p0 += KEYS) {
    let tile_at = kv_at(p0, g, params.kv_heads);
    let tile_last = end - 1u - p0;
    var score = array<vec4f, 4>();
    for (var k = 0u; k < params.d4; k += STEP) {
      let inside = k + quad < D4;
      let from_quad = min(k + quad, D4 - 1u);
      for (var key = row; key < KEYS; key += LANES / STEP) {
        let stored = kv_quad(&keys, tile_at + min(key, tile_last) * step, from_quad);
        // Neighbours that one lane scores lie 16 apart, so that lanes read neighbouring rows.
        tile[((key % 4u) * 16u + key / 4u) * PITCH + quad] = select(vec4f(), stored, inside);
      }
      tile[(KEYS + row) * PITCH + quad] = select(vec4f(), q[q_at + from_quad] * params.scale, inside);
      workgroupBarrier();
      for (var n = 0u; n < four; n++) {
        let at = key4 * PITCH + n;
        let turned = transpose(mat4x4f(tile[at], tile[at + 16u * PITCH], tile[at + 32u * PITCH], tile[at + 48u * PITCH]));
        for (var r = 0u; r < four; r++) {
          let v = tile[(KEYS + line4 + r) * PITCH + n];
          score[r] = fma(turned[3], v.wwww, fma(turned[2], v.zzzz, fma(turned[1], v.yyyy, fma(turned[0], v.xxxx, score[r]))));
        }
      }
      workgroupBarrier();
    }
    for (var r = 0u; r < four; r++) {
      weights[(line4 + r) * WEIGHTS_PITCH + key4] = score[r];
    }
    workgroupBarrier();

    var largest = vec4f(-1e30);
    for (var i = 0u; i < four; i++) {
      let key = 4u * (part + 4u * i);
      let seen = vec4u(p0 + key) + vec4u(0u, 1u, 2u, 3u) <= vec4u(sees);
      score[i] = select(vec4f(-1e30), weights[line * WEIGHTS_PITCH + key / 4u], seen);
      largest = max(largest, score[i]);
    }
    of_lane[lane] = max(max(largest.x, largest.y), max(largest.z, largest.w));
    workgroupBarrier();
    let at = line * 4u;
    let new_top = max(top, max(max(of_lane[at], of_lane[at + 1u]), max(of_lane[at + 2u], of_lane[at + 3u])));
    let shrink = exp(top - new_top);
    top = new_top;
    total *= shrink;
    for (var i = 0u; i < four; i++) {
      let weight = exp(score[i] - top);
      weights[line * WEIGHTS_PITCH + part + 4u * i] = weight;
      total += dot(weight, vec4f(1.0));
    }
    if (part == 0u) {
      shrinks[line] = shrink;
    }
    workgroupBarrier();

    for (var r = 0u; r < lane_lines; r++) {
      for (var j = 0u; j < PARTS; j++) {
        sum[r][j] *= shrinks[lines_at + r];
      }
    }
    let tile_end = min(KEYS, end - p0);
    for (var key = 0u; key < tile_end; key += VALUES) {
      for (var i = lane; i < VALUES * params.d4; i += LANES) {
        tile[i] = kv_quad(&values, tile_at + min(key + i / D4, tile_last) * step, i % D4);
      }
      workgroupBarrier();
      for (var n = 0u; n < at_once; n += 4u) {
        var v: array<mat4x4f, PARTS>;
        for (var j = 0u; j < PARTS; j++) {
          let at = n * D4 + min(d + 32u * j, D4 - 1u);
          v[j] = mat4x4f(tile[at], tile[at + D4], tile[at + 2u * D4], tile[at + 3u * D4]);
        }
        for (var r = 0u; r < lane_lines; r++) {
          let w = weights[(lines_at + r) * WEIGHTS_PITCH + (key + n) / 4u];
          for (var j = 0u; j < PARTS; j++) {
            sum[r][j] = fma(v[j][3], w.wwww, fma(v[j][2], w.zzzz, fma(v[j][1], w.yyyy, fma(v[j][0], w.xxxx, sum[r][j]))));
          }
        }
      }
      workgroupBarrier();
    }
  }

  of_lane[lane] = total;
  workgroupBarrier();
  for (var r = 0u; r < lane_lines; r++) {
    let m = first + lines_at + r;
    let at = (lines_at + r) * 4u;
    let all = of_lane[at] + of_lane[at + 1u] + of_lane[at + 2u] + of_lane[at + 3u];
    let t = m / ratio;
    let h = g * ratio + m % ratio;
    for (var j = 0u; j < PARTS; j++) {
      if (m <= last && d + 32u * j < D4) {
        let gate_at = params.gate_offset4 + t * params.gate_stride4 + h * params.gate_head_stride4 + d + 32u * j;
        o[(t * params.heads + h) * D4 + d + 32u * j] = sum[r][j] / all / (1.0 + exp(-gate[gate_at]));
      }
    }
  }
}
