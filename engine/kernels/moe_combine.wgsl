// x[t, :] += sum_{j < used} weight[t, j] * routed[t * used + j, :] + (weight[t, used] * shared_out[t, :] when used < slots)
// routed: f32 [T * used, H]; choice: u32 [T, slots, 2], (id, weight as the bits of an f32); shared_out: f32 [T, H];
// x: f32 [T, H], the residual stream. One invocation owns one vec4 of one row: x over H/4, y over rows. Slots are summed in order.
@group(0) @binding(0) var<storage, read> routed: array<vec4f>;
@group(0) @binding(1) var<storage, read> choice: array<vec2u>;
@group(0) @binding(2) var<storage, read> shared_out: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> x: array<vec4f>;
struct Params {
  width4: u32,
  used: u32,
  slots: u32,
}
var<immediate> params: Params;
override wg: u32 = 64;

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  let i = group.x * wg + lane.x;
  if (i >= params.width4) {
    return;
  }
  let t = group.y;
  var sum = vec4f(0.0);
  for (var j = 0u; j < params.used; j++) {
    sum += bitcast<f32>(choice[t * params.slots + j].y) * routed[(t * params.used + j) * params.width4 + i];
  }
  let at = t * params.width4 + i;
  if (params.used < params.slots) {
    sum += bitcast<f32>(choice[t * params.slots + params.used].y) * shared_out[at];
  }
  x[at] += sum;
}
