// y[t, f] = silu(gate[t, f]) * up[t, f]
// gate and up: f32 rows of their own offset and stride; y: f32 [T, F] packed. silu(v) = v / (1 + e^-v).
// One invocation owns one element: x over F, y over rows.
@group(0) @binding(0) var<storage, read> gate: array<f32>;
@group(0) @binding(1) var<storage, read> up: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
struct Params {
  width: u32,  // F
  gate_offset: u32,
  gate_stride: u32,
  up_offset: u32,
  up_stride: u32,
}
var<immediate> params: Params;
override wg: u32 = 64;

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  let f = group.x * wg + lane.x;
  if (f >= params.width) {
    return;
  }
  let t = group.y;
  let g = gate[params.gate_offset + t * params.gate_stride + f];
  let u = up[params.up_offset + t * params.up_stride + f];
  y[t * params.width + f] = g / (1.0 + exp(-g)) * u;
}
