// argmax_rows for GPUs, behind row_peaks: ids[(first + accepted() + t) & mask] = named(i), i the index of the largest of x[t, :], the lowest on a
// tie; NO_PICK when a value is NaN or none is finite. In front: draw/order. One workgroup owns a row: it finds the first slice with the largest peak,
// then the first of its values that is as large. Barriers: what is joined is complete before it is read.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> found: array<u32>;
@group(0) @binding(2) var<storage, read_write> ids: array<u32>;
struct Params {
  width: u32,
  first: u32,
  mask: u32,
}
var<immediate> params: Params;
override wg: u32 = 64;
const NO_PICK = 0xffffffffu;
var<workgroup> top: atomic<u32>;
var<workgroup> top_slice: atomic<u32>;
var<workgroup> pick: atomic<u32>;

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let peaks = group.x * ROW + PEAKS;
  if (lane == 0u) {
    atomicStore(&top, 0u);
    atomicStore(&top_slice, SLICES);
    atomicStore(&pick, NO_PICK);
  }
  workgroupBarrier();
  for (var slice = lane; slice < SLICES; slice += wg) {
    atomicMax(&top, found[peaks + slice]);
  }
  workgroupBarrier();
  let key = atomicLoad(&top);
  for (var slice = lane; slice < SLICES; slice += wg) {
    if (found[peaks + slice] == key) {
      atomicMin(&top_slice, slice);
    }
  }
  workgroupBarrier();
  let long = (params.width + SLICES - 1u) / SLICES;
  let start = atomicLoad(&top_slice) * long;
  let end = min(start + long, params.width);
  for (var i = start + lane; i < end; i += wg) {
    if (key_of(x[group.x * params.width + i]) == key) {
      atomicMin(&pick, i);
    }
  }
  workgroupBarrier();
  if (lane == 0u) {
    let usable = key >= LOWEST_KEY && key < INFINITE_KEY;
    let index = min(atomicLoad(&pick), params.width - 1u);
    ids[(params.first + accepted() + group.x) & params.mask] = select(NO_PICK, named(index), usable);
  }
}
