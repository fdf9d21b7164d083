// Per row t and head h: y = rope( x * (mean(x^2) + eps)^(-1/2) * weight ), rotation on the first 2*half dimensions only:
//   y_i = x_i c_i - x_{i+half} s_i;   y_{i+half} = x_{i+half} c_i + x_i s_i     (half-split pairs)
// x: f32 rows with offset and stride; head h starts at h * x_head_stride. weight: f32, D values from weight_at (hold the +1).
// rope: f32 [positions, half, 2] as (cos, sin), row `rope_row` + t. y: f32 [*, heads, D], row `y_row` + t (a query buffer or the key cache).
// One invocation owns one head of one row.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read> rope: array<vec2f>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
struct Params {
  count: u32,  // T * heads
  heads: u32,
  dim: u32,
  half: u32,
  x_offset: u32,
  x_stride: u32,
  x_head_stride: u32,
  rope_row: u32,
  y_row: u32,
  weight_at: u32,
  eps: f32,
}
var<immediate> params: Params;
override wg: u32 = 64;

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  let index = group.x * wg + lane.x;
  if (index >= params.count) {
    return;
  }
  let t = index / params.heads;
  let h = index % params.heads;
  let x_at = params.x_offset + t * params.x_stride + h * params.x_head_stride;
  let y_at = ((params.y_row + t) * params.heads + h) * params.dim;
  var sum = 0.0;
  for (var i = 0u; i < params.dim; i++) {
    let v = x[x_at + i];
    sum += v * v;
  }
  let factor = inverseSqrt(sum / f32(params.dim) + params.eps);
  let rope_at = (params.rope_row + t) * params.half;
  for (var i = 0u; i < params.half; i++) {
    let angle = rope[rope_at + i];
    let a = x[x_at + i] * factor * weight[params.weight_at + i];
    let b = x[x_at + params.half + i] * factor * weight[params.weight_at + params.half + i];
    y[y_at + i] = a * angle.x - b * angle.y;
    y[y_at + params.half + i] = b * angle.x + a * angle.y;
  }
  for (var i = 2u * params.half; i < params.dim; i++) {
    y[y_at + i] = x[x_at + i] * factor * weight[params.weight_at + i];
  }
}
