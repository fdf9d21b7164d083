// Counts and weighs what can be drawn of a row, and lists the front of it: with a top-k of at most SLICES, all from the top-k-th
// largest peak up, which is no fewer than top-k; else what is within NEAR of the reach.
// x: f32 [T, width]; found: u32 [T, ROW] with the peaks of row_peaks, see draw/order. Ids are listed in no order; past LISTED they
// are only counted. One workgroup owns every GROUPS-th slice. The counters are integers, so atomics give the same sums in any order.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> found: array<atomic<u32>>;
struct Params {
  width: u32,
  top_k: u32,  // 0: off
  least: u32,  // min-p as a weight
  inverse: f32,  // of the temperature
  reach: f32,  // below the largest value, what can be drawn
}
var<immediate> params: Params;
override wg: u32 = 64;
const NEAR = 0.375;
var<workgroup> peaks: array<u32, SLICES>;
var<workgroup> bar: u32;
var<workgroup> sums: array<atomic<u32>, HEADER>;

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.y * ROW;
  for (var s = lane; s < SLICES; s += wg) {
    peaks[s] = atomicLoad(&found[row + PEAKS + s]);
  }
  for (var i = lane; i < HEADER; i += wg) {
    atomicStore(&sums[i], 0u);
  }
  if (lane == 0u) {
    bar = 0u;
  }
  workgroupBarrier();
  let few = params.top_k > 0u && params.top_k <= SLICES;
  var top_key = 0u;
  for (var s = 0u; s < SLICES; s++) {
    top_key = max(top_key, peaks[s]);
  }
  if (few) {
    for (var s = lane; s < SLICES; s += wg) {
      let peak = peaks[s];
      var larger = 0u;
      for (var i = 0u; i < SLICES; i++) {
        larger += u32(peaks[i] > peak || (peaks[i] == peak && i < s));
      }
      if (larger == params.top_k - 1u) {
        bar = peak;
      }
    }
  }
  workgroupBarrier();
  let usable = top_key >= LOWEST_KEY && top_key < INFINITE_KEY;
  let top = value_of(top_key);
  let near = select(NEAR, 1.0, few) * params.reach;
  let long = (params.width + SLICES - 1u) / SLICES;
  var all = vec3u();
  var listed = vec3u();
  var above = vec3u();
  for (var slice = group.x; usable && slice < SLICES; slice += GROUPS) {
    if (peaks[slice] < bar) {
      continue;
    }
    let end = min((slice + 1u) * long, params.width);
    for (var i = slice * long + lane; i < end; i += wg) {
      let v = x[group.y * params.width + i];
      let weight = weight_of(v, top, params.inverse, params.reach);
      if (weight == 0u || key_of(v) < bar) {
        continue;
      }
      let one = vec3u(1u, weight, 0u);
      all = plus(all, one);
      if (weight >= params.least) {
        above = plus(above, one);
      }
      if (top - v <= near) {
        listed = plus(listed, one);
        let place = atomicAdd(&found[row + LISTED_COUNT], 1u);
        if (place < LISTED) {
          atomicStore(&found[row + IDS + place], i);
        }
      }
    }
  }
  gather(ALL_MASS, all.yz);
  gather(LISTED_MASS, listed.yz);
  gather(LEAST_MASS, above.yz);
  atomicAdd(&sums[ALL_COUNT], all.x);
  workgroupBarrier();
  if (lane == 0u) {
    spread(row, ALL_MASS);
    spread(row, LISTED_MASS);
    spread(row, LEAST_MASS);
    atomicAdd(&found[row + ALL_COUNT], atomicLoad(&sums[ALL_COUNT]));
    if (group.x == 0u) {
      atomicStore(&found[row + TOP_KEY], top_key);
    }
  }
}

// sums[at], sums[at + 1] += mass, a sum of 64 bits.
fn gather(at: u32, mass: vec2u) {
  let old = atomicAdd(&sums[at], mass.x);
  atomicAdd(&sums[at + 1u], mass.y + u32(old + mass.x < old));
}

// The same, from there into the row's header.
fn spread(row: u32, at: u32) {
  let low = atomicLoad(&sums[at]);
  let old = atomicAdd(&found[row + at], low);
  atomicAdd(&found[row + at + 1u], atomicLoad(&sums[at + 1u]) + u32(old + low < old));
}
