// Groups the (row, slot) entries of a batch by expert, in tiles of at most `tile_rows` entries of one expert.
// choice: u32 [T, slots, 2], (id, weight); entry i is slot i mod used of row i / used. order: u32 [entries], entry indices sorted by expert, then by index;
// tiles: u32 [tile_count, 4] as (expert, first in order, count, 0); unused tiles get count 0.
// launches: u32 [2, 3], workgroups of the two products that follow: so many over outputs, the tiles that are used, 1.
// One workgroup does all. Lanes count entries, sum the counts of their share of the experts, then place entries in rounds of LANES:
// each sets its bit in the mask of its entry's expert and finds its place by the bits below. Atomics only add and set bits, so
// their order does not matter. EXPERTS, LANES and WORDS, the words of a mask, come from the preamble: 4 EXPERTS (WORDS + 1) + 8 LANES
// bytes of workgroup memory.
// Barriers: between clearing, counting, summing and placing; in a round between bits, places and what is left for the next one.
@group(0) @binding(0) var<storage, read> choice: array<vec2u>;
@group(0) @binding(1) var<storage, read_write> order: array<u32>;
@group(0) @binding(2) var<storage, read_write> tiles: array<vec4u>;
@group(0) @binding(3) var<storage, read_write> launches: array<u32>;
struct Params {
  entries: u32,
  tile_rows: u32,
  tile_count: u32,
  used: u32,
  slots: u32,
  first_groups: u32,   // over outputs, of the first and the second product
  second_groups: u32,
}
var<immediate> params: Params;
const SHARE = (EXPERTS + LANES - 1u) / LANES;         // experts of a lane
var<workgroup> next: array<atomic<u32>, EXPERTS>;     // how many entries an expert has; then where its next one goes
var<workgroup> masks: array<atomic<u32>, EXPERTS * WORDS>;
var<workgroup> shares: array<vec2u, LANES>;           // entries and tiles of a lane's experts

fn expert_of(entry: u32) -> u32 {
  let i = min(entry, params.entries - 1u);
  return choice[(i / params.used) * params.slots + i % params.used].x;
}
fn tiles_of(count: u32) -> u32 {
  return (count + params.tile_rows - 1u) / params.tile_rows;
}

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_id) id: vec3u) {
  let lane = id.x;
  for (var e = lane; e < EXPERTS; e += LANES) {
    atomicStore(&next[e], 0u);
  }
  for (var i = lane; i < EXPERTS * WORDS; i += LANES) {
    atomicStore(&masks[i], 0u);
  }
  workgroupBarrier();
  for (var i = lane; i < params.entries; i += LANES) {
    atomicAdd(&next[expert_of(i)], 1u);
  }
  workgroupBarrier();

  let first_expert = min(lane * SHARE, EXPERTS);
  let end_expert = min(first_expert + SHARE, EXPERTS);
  var share = vec2u();
  for (var e = first_expert; e < end_expert; e++) {
    let count = atomicLoad(&next[e]);
    share += vec2u(count, tiles_of(count));
  }
  shares[lane] = share;
  workgroupBarrier();
  var before = vec2u();
  var all = vec2u();
  for (var other = 0u; other < LANES; other++) {
    before = select(before, all, other == lane);
    all += shares[other];
  }
  for (var e = first_expert; e < end_expert; e++) {
    let count = atomicLoad(&next[e]);
    atomicStore(&next[e], before.x);
    for (var done = 0u; done < count; done += params.tile_rows) {
      tiles[before.y] = vec4u(e, before.x + done, min(params.tile_rows, count - done), 0u);
      before.y++;
    }
    before.x += count;
  }
  for (var tile = all.y + lane; tile < params.tile_count; tile += LANES) {
    tiles[tile] = vec4u(0u);
  }
  if (lane == 0u) {
    launches[0] = params.first_groups;
    launches[1] = all.y;
    launches[2] = 1u;
    launches[3] = params.second_groups;
    launches[4] = all.y;
    launches[5] = 1u;
  }
  workgroupBarrier();

  var expert = expert_of(lane);
  for (var base = 0u; base < params.entries; base += LANES) {
    // Asked for a round ahead, so that nobody waits for it.
    let coming = expert_of(base + LANES + lane);
    let here = base + lane < params.entries;
    let mask_at = expert * WORDS;
    if (here) {
      atomicOr(&masks[mask_at + lane / 32u], 1u << (lane % 32u));
    }
    workgroupBarrier();
    var place = atomicLoad(&next[expert]);
    var others = 0u;  // of this expert, from this lane on
    for (var w = 0u; w < WORDS; w++) {
      let bits = atomicLoad(&masks[mask_at + w]);
      let own_word = select(0xffffffffu, (1u << (lane % 32u)) - 1u, w == lane / 32u);
      let below = select(0u, own_word, w <= lane / 32u);
      place += countOneBits(bits & below);
      others += countOneBits(bits & ~below);
    }
    if (here) {
      order[place] = base + lane;
    }
    workgroupBarrier();
    // The last of an expert leaves it ready for the next round.
    if (here && others == 1u) {
      atomicStore(&next[expert], place + 1u);
      for (var w = 0u; w < WORDS; w++) {
        atomicStore(&masks[mask_at + w], 0u);
      }
    }
    workgroupBarrier();
    expert = coming;
  }
}
