// y[t, :] = x[t, :] * (mean(x[t, :]^2) + eps)^(-1/2) * weight   (weight already holds the +1 of zero-centred norms)
// x: f32 [*, n4*4], row t is row (x_row + t) & x_mask; weight: f32 [n4*4]; y: f32 rows of n4*4 with offset and stride,
// row t is row (y_row + t) & y_mask; rows of x, or of y, are later by accepted() where X_LATER, or Y_LATER, is 1.
// One workgroup owns one row; one barrier joins the partial sums.
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
struct Params {
  n4: u32,     // row length in vec4
  x_row: u32,  // first row of x
  y_offset4: u32,
  y_stride4: u32,
  x_mask: u32,
  y_row: u32,
  y_mask: u32,
  eps: f32,
}
var<immediate> params: Params;
override wg: u32 = 64;
var<workgroup> sums: array<f32, wg>;

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  let x_at = ((params.x_row + X_LATER * accepted() + group.x) & params.x_mask) * params.n4;
  var sum = 0.0;
  for (var i = lane.x; i < params.n4; i += wg) {
    let v = x[x_at + i];
    sum += dot(v, v);
  }
  sums[lane.x] = sum;
  workgroupBarrier();
  var total = 0.0;
  for (var i = 0u; i < wg; i++) {
    total += sums[i];
  }
  let factor = inverseSqrt(total / f32(params.n4 * 4u) + params.eps);
  let y_at = params.y_offset4 + ((params.y_row + Y_LATER * accepted() + group.x) & params.y_mask) * params.y_stride4;
  for (var i = lane.x; i < params.n4; i += wg) {
    y[y_at + i] = x[x_at + i] * factor * weight[i];
  }
}
