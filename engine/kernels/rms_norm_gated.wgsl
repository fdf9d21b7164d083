// y[t, h, :] = weight * ( o[t, h, :] * (mean(o^2) + eps)^(-1/2) ) * silu(z[t, h, :])     (no +1 on this norm's weight)
// o: f32 [T, Hv, Dv] packed; z: f32 rows with offset and stride, [Hv, Dv] inside; weight: f32 [Dv]; y: f32 [T, Hv, Dv],
// head h at position h, or with tile_heads = key heads Hk > 0 at (h mod r) * Hk + h / r, r = Hv / Hk: the column order some files store out_proj in.
// One invocation owns one head of one row.
@group(0) @binding(0) var<storage, read> o: array<vec4f>;
@group(0) @binding(1) var<storage, read> z: array<vec4f>;
@group(0) @binding(2) var<storage, read> weight: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;
struct Params {
  count: u32,  // T * heads
  heads: u32,
  dim4: u32,
  z_offset4: u32,
  z_stride4: u32,
  tile_heads: u32,
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
  let at = index * params.dim4;
  let z_at = params.z_offset4 + (index / params.heads) * params.z_stride4 + (index % params.heads) * params.dim4;
  let head = index % params.heads;
  var y_head = head;
  if (params.tile_heads > 0u) {
    let ratio = params.heads / params.tile_heads;
    y_head = (head % ratio) * params.tile_heads + head / ratio;
  }
  let y_at = (index - head + y_head) * params.dim4;
  var sum = 0.0;
  for (var i = 0u; i < params.dim4; i++) {
    let v = o[at + i];
    sum += dot(v, v);
  }
  let factor = inverseSqrt(sum / f32(params.dim4 * 4u) + params.eps);
  for (var i = 0u; i < params.dim4; i++) {
    let gate = z[z_at + i];
    y[y_at + i] = weight[i] * (o[at + i] * factor) * (gate / (1.0 + exp(-gate)));
  }
}
