// Queries, keys and values made ready for attention, one head of one row a workgroup:
//   q' = rope(norm(q)),  keys[start + t] = rope(norm(k)),  values[start + t] = v;  norm(x) = x (mean(x^2) + eps)^(-1/2) * gain
//   rope, on the first 2*half dimensions only:  y_i = x_i c_i - x_{i+half} s_i;   y_{i+half} = x_{i+half} c_i + x_i s_i
// projected: f32 rows of queries, keys and values, each with offset and stride; query heads are 2 * D apart (query and gate alternate), key and value heads D.
// gains: f32 [2, D] of queries and keys (hold the +1); rope: f32 [positions, half, 2] as (cos, sin), row rope_row + t;
// q: f32 [T, heads, D]; keys, values: rows as the KV accessor in front writes them. group.x: query heads, then key heads, then value
// heads; group.y = t; start and rope_row are later by accepted(). Two barriers: squares are summed after all lanes have written theirs, and `ready` is stored when it is whole.
@group(0) @binding(0) var<storage, read> projected: array<f32>;
@group(0) @binding(1) var<storage, read> gains: array<f32>;
@group(0) @binding(2) var<storage, read> rope: array<vec2f>;
@group(0) @binding(3) var<storage, read_write> q: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> keys: array<u32>;
@group(0) @binding(5) var<storage, read_write> values: array<u32>;
struct Params {
  heads: u32,
  kv_heads: u32,
  half: u32,
  q_offset: u32,
  q_stride: u32,
  k_offset: u32,
  k_stride: u32,
  v_offset: u32,
  v_stride: u32,
  start: u32,
  rope_row: u32,
  eps: f32,
}
var<immediate> params: Params;
override wg: u32 = 64;
const D = 4u * D4;
var<workgroup> squares: array<f32, wg>;
var<workgroup> ready: array<vec4f, D4>;

const QUERY = 0u;
const KEY = 1u;
const VALUE = 2u;

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let t = group.y;
  var kind = QUERY;
  var head = group.x;
  var x_at = params.q_offset + t * params.q_stride + head * 2u * D;
  if (head >= params.heads + params.kv_heads) {
    kind = VALUE;
    head -= params.heads + params.kv_heads;
    x_at = params.v_offset + t * params.v_stride + head * D;
  } else if (head >= params.heads) {
    kind = KEY;
    head -= params.heads;
    x_at = params.k_offset + t * params.k_stride + head * D;
  }
  var sum = 0.0;
  for (var i = lane; i < D; i += wg) {
    let v = projected[x_at + i];
    sum += v * v;
  }
  squares[lane] = sum;
  workgroupBarrier();
  var total = 0.0;
  for (var i = 0u; i < wg; i++) {
    total += squares[i];
  }
  let factor = inverseSqrt(total / f32(D) + params.eps);
  let half = params.half;
  // Four, which the compiler of a software device does not know: unrolled, the loads take long to compile.
  let four = select(4u + (params.heads >> 16u), 4u, UNROLL);
  for (var quad = lane; quad < D4; quad += wg) {
    var y: vec4f;
    for (var c = 0u; c < four; c++) {
      let i = 4u * quad + c;
      y[c] = projected[x_at + i];
      if (kind != VALUE) {
        y[c] *= factor * gains[kind * D + i];
        if (i < 2u * half) {
          let low = i < half;
          let other = select(i - half, i + half, low);
          let partner = projected[x_at + other] * factor * gains[kind * D + other];
          let angle = rope[(params.rope_row + accepted() + t) * half + select(i - half, i, low)];
          y[c] = y[c] * angle.x + partner * select(angle.y, -angle.y, low);
        }
      }
    }
    ready[quad] = y;
    if (kind == QUERY) {
      q[(t * params.heads + head) * D4 + quad] = y;
    }
  }
  workgroupBarrier();
  let row_at = kv_at(params.start + accepted() + t, head, params.kv_heads);
  if (kind == KEY) {
    kv_write(&keys, row_at, &ready, lane, wg);
  } else if (kind == VALUE) {
    kv_write(&values, row_at, &ready, lane, wg);
  }
}
