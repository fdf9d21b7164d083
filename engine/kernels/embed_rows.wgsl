// y[t, :] = table[ids[(first + accepted() + t) & mask], :], for the ids that lie in this part of the table.
// Weight accessor in front: table [rows, K] in units of UNIT elements. ids: u32 [T], or a ring. y: f32 [T, K].
// One invocation owns one unit of one row: x over units, y over rows. K is a multiple of UNIT.
@group(0) @binding(3) var<storage, read> ids: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;
struct Params {
  units_per_row: u32,
  row_start: u32,  // first table row in this part
  row_count: u32,
  first: u32,
  mask: u32,
}
var<immediate> params: Params;
override wg: u32 = 64;

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  let unit = group.x * wg + lane.x;
  let t = group.y;
  let row = ids[(params.first + accepted() + t) & params.mask] - params.row_start;  // wraps to a large number for ids before this part
  if (unit >= params.units_per_row || row >= params.row_count) {
    return;
  }
  let values = weight_unit(row * params.units_per_row + unit);
  let at = (t * params.units_per_row + unit) * (UNIT / 4u);
  for (var i = 0u; i < UNIT / 4u; i++) {
    y[at + i] = values[i];
  }
}
