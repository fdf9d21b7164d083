// x[t, i] = x > 0 ? x / repetition : x * repetition where id i was seen, less `presence` where it was generated.
// x: f32 [T, width], changed in place; seen: u32 [ceil(width / 16)], id i in bits 2 (i % 16): seen, and the next one: generated.
// tokens: u32, a ring; row t takes its places first … first + recent + accepted() + t - 1 for seen and generated too: ids that are not in `seen`,
// because the host does not know them yet or may take them back. One invocation owns a word of `seen` in one row.
@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read> seen: array<u32>;
@group(0) @binding(2) var<storage, read> tokens: array<u32>;
struct Params {
  width: u32,
  first: u32,
  mask: u32,
  recent: u32,
  repetition: f32,
  inverse: f32,  // of the repetition penalty
  presence: f32,
}
var<immediate> params: Params;
override wg: u32 = 64;
const EACH = 16u;

@compute @workgroup_size(wg)
fn main(@builtin(global_invocation_id) at: vec3u) {
  let word = at.x;
  if (word * EACH >= params.width) {
    return;
  }
  var bits = seen[word];
  for (var j = 0u; j < params.recent + accepted() + at.y; j++) {
    let id = tokens[(params.first + j) & params.mask];
    if (id / EACH == word) {
      bits |= 3u << (2u * (id % EACH));
    }
  }
  let end = min(EACH, params.width - word * EACH);
  for (var i = 0u; bits != 0u && i < end; i++) {
    if ((bits & 1u) == 1u) {
      let place = at.y * params.width + word * EACH + i;
      var v = x[place];
      v *= select(params.repetition, params.inverse, v > 0.0);
      x[place] = select(v, v - params.presence, (bits & 2u) == 2u);
    }
    bits >>= 2u;
  }
}
