// ids[(first + accepted() + t) & mask] = named(i), i the index of the largest of x[t, :], the lowest on a tie; NO_PICK when a value is NaN or
// none is finite.
// x: f32 [T, width]. One workgroup owns one row; its lanes take every WG-th value, then lane 0 joins their picks after a barrier.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> ids: array<u32>;
struct Params {
  width: u32,
  first: u32,
  mask: u32,
}
var<immediate> params: Params;
override wg: u32 = 64;
const NO_PICK = 0xffffffffu;
const LARGEST = 0x1.fffffep+127f;
var<workgroup> values: array<f32, wg>;
var<workgroup> picks: array<u32, wg>;
var<workgroup> bad: array<u32, wg>;

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  var best = -LARGEST;
  var pick = NO_PICK;
  var nan = 0u;
  for (var i = lane; i < params.width; i += wg) {
    let v = x[group.x * params.width + i];
    // A device may assume that there are no NaN, so they are told by their bits.
    nan |= u32((bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u);
    if (v > best || (v == best && pick == NO_PICK)) {
      best = v;
      pick = i;
    }
  }
  values[lane] = best;
  picks[lane] = pick;
  bad[lane] = nan;
  workgroupBarrier();
  if (lane == 0u) {
    for (var l = 1u; l < wg; l++) {
      let v = values[l];
      nan |= bad[l];
      if (picks[l] != NO_PICK && (pick == NO_PICK || v > best || (v == best && picks[l] < pick))) {
        best = v;
        pick = picks[l];
      }
    }
    let usable = nan == 0u && best <= LARGEST;
    ids[(params.first + accepted() + group.x) & params.mask] = select(NO_PICK, named(min(pick, params.width - 1u)), usable && pick != NO_PICK);
  }
}
