// cache[row + t, :] = x[t, :]: appends rows to the value cache.
// x: f32 rows with offset and stride, `width` values each; cache: f32 [capacity, width]. One invocation owns one element.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> cache: array<f32>;
struct Params {
  width: u32,
  x_offset: u32,
  x_stride: u32,
  row: u32,
}
var<immediate> params: Params;
override wg: u32 = 64;

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  let i = group.x * wg + lane.x;
  if (i >= params.width) {
    return;
  }
  cache[(params.row + group.y) * params.width + i] = x[params.x_offset + group.y * params.x_stride + i];
}
