// How many drafts of a step are right: a = the most for which ids[d + k] = picks[k] for all k < a, with d = first + accepted[0].
//   kept[k] = ids[d + k];   then ids[d + a] = picks[a], which is the next token, and accepted[0] = a
// ids: u32, a ring by `mask`; picks [drafts + 1] and kept [drafts] lie in the same tensor, from picks_at and kept_at, outside the ring.
// One invocation does it all.
@group(0) @binding(0) var<storage, read_write> ids: array<u32>;
@group(0) @binding(1) var<storage, read_write> accepted: array<u32>;
struct Params {
  drafts: u32,
  first: u32,  // place of draft 0 in the ring, but for accepted[0]
  mask: u32,
  picks_at: u32,
  kept_at: u32,
}
var<immediate> params: Params;

@compute @workgroup_size(1)
fn main() {
  let first = params.first + accepted[0];
  var right = 0u;
  for (var k = 0u; k < params.drafts; k++) {
    let draft = ids[(first + k) & params.mask];
    ids[params.kept_at + k] = draft;
    right += u32(right == k && draft == ids[params.picks_at + k]);
  }
  ids[(first + right) & params.mask] = ids[params.picks_at + right];
  accepted[0] = right;
}
