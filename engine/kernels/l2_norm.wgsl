// In place, for every row t and head h: x[h, :] = x[h, :] * (sum(x[h, :]^2) + 1e-6)^(-1/2) * scale(h)
// x: f32 rows [T] of `stride`, the first `heads` blocks of `dim` are the heads: queries first (scale q_scale), then keys (scale 1).
// The 1e-6 is fixed and added to the sum, not the mean. One invocation owns one head of one row.
@group(0) @binding(0) var<storage, read_write> x: array<vec4f>;
struct Params {
  count: u32,        // T * heads
  heads: u32,        // query heads + key heads
  query_heads: u32,
  dim4: u32,         // head width in vec4
  stride4: u32,
  q_scale: f32,      // dk^(-1/2)
}
var<immediate> params: Params;
override wg: u32 = 64;

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  let index = group.x * wg + lane.x;
  if (index >= params.count) {
    return;
  }
  let head = index % params.heads;
  let at = (index / params.heads) * params.stride4 + head * params.dim4;
  var sum = 0.0;
  for (var i = 0u; i < params.dim4; i++) {
    let v = x[at + i];
    sum += dot(v, v);
  }
  let factor = inverseSqrt(sum + 1e-6) * select(1.0, params.q_scale, head < params.query_heads);
  for (var i = 0u; i < params.dim4; i++) {
    x[at + i] = x[at + i] * factor;
  }
}
