// In front of the kernels that draw a token: the order of a row's values and their weights (language_model/sampling.ts says what for).
// Keys order as their values do, zeros alike, NaN above all. Weights are whole numbers, 2^31 for the largest value, so that sums
// of them, 64 bits wide, do not depend on their order. A row of `found` holds a HEADER, the largest key of each of its SLICES
// slices, and up to LISTED ids; GROUPS workgroups share the slices. These constants come from the host.
const NAN_KEY = 0xffffffffu;
const INFINITE_KEY = 0xff800000u;
const LOWEST_KEY = 0x00800000u;

// Words of a row's header: ids listed and their weights, the same of all that can be drawn, weights above min-p, largest key.
const LISTED_COUNT = 0u;
const LISTED_MASS = 1u;
const ALL_COUNT = 3u;
const ALL_MASS = 4u;
const LEAST_MASS = 6u;
const TOP_KEY = 8u;
const PEAKS = HEADER;
const IDS = HEADER + SLICES;
const ROW = HEADER + SLICES + LISTED;

fn key_of(v: f32) -> u32 {
  let bits = bitcast<u32>(v);
  let magnitude = bits & 0x7fffffffu;
  let key = select(bits | 0x80000000u, ~bits, bits > 0x80000000u);
  return select(key, NAN_KEY, magnitude > 0x7f800000u);
}

fn value_of(key: u32) -> f32 {
  return bitcast<f32>(select(~key, key & 0x7fffffffu, key >= 0x80000000u));
}

// 0 for what is out of reach and never drawn; at least 1 for all else.
fn weight_of(v: f32, top: f32, inverse: f32, reach: f32) -> u32 {
  let d = top - v;
  if (!(d <= reach) || (bitcast<u32>(v) & 0x7f800000u) == 0x7f800000u) {
    return 0u;
  }
  return select(0x80000000u, u32(round(exp(-d * inverse) * 0x1p31f)), d > 0.0);
}

// A count, and a sum of 64 bits, low word first.
fn plus(a: vec3u, b: vec3u) -> vec3u {
  let low = a.y + b.y;
  return vec3u(a.x + b.x, low, a.z + b.z + u32(low < a.y));
}
