// Queries, keys and values of few rows made ready for attention_decode, one head a workgroup:
//   q' = rope(norm(q)),  keys[start + t] = rope(norm(k)),  values[start + t] = v;  norm and rope as in qk_norm_rope
// q_in, k_in, v_in: f32 rows with offset and stride; query heads are 2 * D apart (query and gate alternate), key and value heads D.
// gains: f32 [2, D] of queries and keys (hold the +1); rope: f32 [positions, half, 2] as (cos, sin), row rope_row + t;
// q: f32 [T, heads, D]; keys, values: f32 [capacity, kv_heads, D]. group.x: query heads, then key heads, then value heads; group.y = t.
// One barrier: squares are summed after all lanes have written theirs.
@group(0) @binding(0) var<storage, read> q_in: array<f32>;
@group(0) @binding(1) var<storage, read> k_in: array<f32>;
@group(0) @binding(2) var<storage, read> v_in: array<f32>;
@group(0) @binding(3) var<storage, read> gains: array<f32>;
@group(0) @binding(4) var<storage, read> rope: array<vec2f>;
@group(0) @binding(5) var<storage, read_write> q: array<f32>;
@group(0) @binding(6) var<storage, read_write> keys: array<f32>;
@group(0) @binding(7) var<storage, read_write> values: array<f32>;
struct Params {
  heads: u32,
  kv_heads: u32,
  dim: u32,
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
var<workgroup> squares: array<f32, wg>;
var<private> kind: u32;    // 0 query, 1 key, 2 value
var<private> x_at: u32;
var<private> y_at: u32;

fn load(i: u32) -> f32 {
  if (kind == 0u) {
    return q_in[x_at + i];
  }
  if (kind == 1u) {
    return k_in[x_at + i];
  }
  return v_in[x_at + i];
}
fn store(i: u32, value: f32) {
  if (kind == 0u) {
    q[y_at + i] = value;
  } else if (kind == 1u) {
    keys[y_at + i] = value;
  } else {
    values[y_at + i] = value;
  }
}

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let t = group.y;
  let dim = params.dim;
  if (group.x < params.heads) {
    kind = 0u;
    x_at = params.q_offset + t * params.q_stride + group.x * 2u * dim;
    y_at = (t * params.heads + group.x) * dim;
  } else {
    let key = group.x - params.heads;
    let is_key = key < params.kv_heads;
    let g = select(key - params.kv_heads, key, is_key);
    kind = select(2u, 1u, is_key);
    x_at = select(params.v_offset + t * params.v_stride, params.k_offset + t * params.k_stride, is_key) + g * dim;
    y_at = ((params.start + t) * params.kv_heads + g) * dim;
  }
  var sum = 0.0;
  for (var i = lane; i < dim; i += wg) {
    let v = load(i);
    sum += v * v;
  }
  squares[lane] = sum;
  workgroupBarrier();
  if (kind == 2u) {
    for (var i = lane; i < dim; i += wg) {
      store(i, load(i));
    }
    return;
  }
  var total = 0.0;
  for (var i = 0u; i < wg; i++) {
    total += squares[i];
  }
  let factor = inverseSqrt(total / f32(dim) + params.eps);
  let gain_at = kind * dim;
  let half = params.half;
  for (var i = lane; i < dim; i += wg) {
    let y = load(i) * factor * gains[gain_at + i];
    if (i >= 2u * half) {
      store(i, y);
    } else {
      let low = i < half;
      let other = select(i - half, i + half, low);
      let partner = load(other) * factor * gains[gain_at + other];
      let angle = rope[(params.rope_row + t) * half + select(i - half, i, low)];
      store(i, y * angle.x + partner * select(angle.y, -angle.y, low));
    }
  }
}
