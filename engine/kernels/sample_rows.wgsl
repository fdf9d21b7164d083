// ids[(first + t) & mask] = a token drawn by x[t, :]: of the candidates in their order (larger values first, ties by lower id) the
// first whose running weight passes a random share of all that top-k, top-p and min-p keep, which is a front of that order.
// NO_PICK when a value is NaN, the largest is infinite or none is finite.
// x: f32 [T, width]; found: u32 [T, ROW] as row_candidates leaves it, see draw/order; ids: u32, a ring.
// One workgroup owns one row. A place in the order is found by narrowing: the candidates of a range of keys are counted and weighed
// in BINS bins, of which the one with the place is the next range; where keys are equal, ranges of ids follow.
// Only ids that row_candidates listed are looked at, unless the place is behind them. Barriers: between bins and their sums.
// In front: random(t), one of draw/random_*, and what it needs.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> found: array<u32>;
@group(0) @binding(2) var<storage, read_write> ids: array<u32>;
struct Params {
  width: u32,
  first: u32,
  mask: u32,
  top_k: u32,  // 0: off
  share: u32,  // top-p: reached when more than share / 2^32 is; ALL: off
  least: u32,  // min-p as a weight; 0: off
  random_0: u32,  // what random(t) makes the numbers of the rows of: which share to pass, in 2^-32
  random_1: u32,
  random_2: u32,
  random_3: u32,
  random_4: u32,
  inverse: f32,  // of the temperature
  reach: f32,  // below the largest value, what can be drawn
}
var<immediate> params: Params;
override wg: u32 = 64;
const BINS = 256u;
const BIN_BITS = 8u;
const OWNERS = 32u;
const ALL = 0xffffffffu;
const NO_PICK = 0xffffffffu;

// A range of candidates: of distances below the largest key, or of the ids of those whose key is `tie` below it.
struct Place {
  by_id: bool,
  tie: u32,
  start: u32,
  shift: u32,  // 2^shift long
  before: vec3u,  // count and weight of all in front of it
  inside: vec3u,  // of those in it
}
struct Bin {
  index: u32,
  before: vec3u,
  inside: vec3u,
}
// What is searched: the listed ids or the whole row, up to a running count or weight.
struct Goal {
  listed: bool,
  by_count: bool,
  passed: vec2u,
}
var<workgroup> counts: array<atomic<u32>, BINS>;
var<workgroup> lows: array<atomic<u32>, BINS>;
var<workgroup> highs: array<atomic<u32>, BINS>;
var<workgroup> sums: array<vec3u, OWNERS>;
var<workgroup> chosen: Bin;

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let t = group.x;
  let row = t * ROW;
  let top_key = found[row + TOP_KEY];
  let slot = (params.first + t) & params.mask;
  if (top_key < LOWEST_KEY || top_key >= INFINITE_KEY) {
    if (lane == 0u) {
      ids[slot] = NO_PICK;
    }
    return;
  }
  var mass = vec2u(found[row + ALL_MASS], found[row + ALL_MASS + 1u]);
  var goal: Goal;
  var p: Place;
  // The last that top-k keeps, the last that top-p keeps, the one drawn.
  for (var stage = 0u; stage < 3u; stage++) {
    if (stage == 0u) {
      if (params.top_k == 0u || params.top_k >= found[row + ALL_COUNT]) {
        continue;
      }
      goal = goal_of(t, true, vec2u(params.top_k - 1u, 0u));
    } else if (stage == 1u) {
      if (params.share == ALL) {
        continue;
      }
      goal = goal_of(t, false, part_of(mass, params.share));
    } else {
      if (params.least > 0u) {
        let above = vec2u(found[row + LEAST_MASS], found[row + LEAST_MASS + 1u]);
        mass = select(mass, above, more(mass, above));
      }
      goal = goal_of(t, false, part_of(mass, random(t)));
    }
    p = place(t, lane, goal);
    mass = plus(p.before, p.inside).yz;
  }
  let count = count_of(t, goal);
  for (var i = lane; i < count; i += wg) {
    let id = id_at(t, goal, i);
    let v = x[t * params.width + id];
    if (weight_of(v, value_of(top_key), params.inverse, params.reach) > 0u && bin_of(p, top_key - key_of(v), id) == 0u) {
      ids[slot] = id;
    }
  }
}

// The candidate at which the running count or weight passes the goal, alone in its range.
fn place(t: u32, lane: u32, goal: Goal) -> Place {
  let top_key = found[t * ROW + TOP_KEY];
  let top = value_of(top_key);
  let count = count_of(t, goal);
  var p: Place;
  // A little lower than reach says, whatever is rounded.
  p.shift = shift_for(top_key - key_of(top - params.reach * 1.000001));
  // Four ranges of keys and three of ids are the most.
  for (var level = 0u; level < 8u; level++) {
    for (var b = lane; b < BINS; b += wg) {
      atomicStore(&counts[b], 0u);
      atomicStore(&lows[b], 0u);
      atomicStore(&highs[b], 0u);
    }
    workgroupBarrier();
    for (var i = lane; i < count; i += wg) {
      let id = id_at(t, goal, i);
      let v = x[t * params.width + id];
      let weight = weight_of(v, top, params.inverse, params.reach);
      let b = bin_of(p, top_key - key_of(v), id);
      if (weight > 0u && b < BINS) {
        atomicAdd(&counts[b], 1u);
        let old = atomicAdd(&lows[b], weight);
        if (old + weight < old) {
          atomicAdd(&highs[b], 1u);
        }
      }
    }
    workgroupBarrier();
    narrow(lane, p.before, goal);
    let bin = workgroupUniformLoad(&chosen);
    p.start += bin.index << p.shift;
    p.before = bin.before;
    p.inside = bin.inside;
    if (bin.inside.x == 1u) {
      break;
    }
    if (p.shift > 0u) {
      p.shift = max(p.shift, BIN_BITS) - BIN_BITS;
    } else {
      p.by_id = true;
      p.tie = p.start;
      p.start = 0u;
      p.shift = shift_for(params.width);
    }
  }
  return p;
}

// chosen = the bin in which the running sum passes the goal, or the last that holds anything, should row_candidates have rounded a
// weight otherwise. A few lanes own the bins, in order.
fn narrow(lane: u32, before: vec3u, goal: Goal) {
  let owners = min(wg, OWNERS);
  let each = (BINS + owners - 1u) / owners;
  let first = min(lane * each, BINS);
  let end = min(first + each, BINS);
  var own = vec3u();
  for (var b = first; b < end; b++) {
    own = plus(own, bin_at(b));
  }
  if (lane < owners) {
    sums[lane] = own;
  }
  workgroupBarrier();
  var running = before;
  var total = before;
  for (var l = 0u; l < owners; l++) {
    if (l == lane) {
      running = total;
    }
    total = plus(total, sums[l]);
  }
  var reached = goal;
  if (!passes(goal, total)) {
    reached.passed = vec2u(total.y - 1u, total.z - u32(total.y == 0u));
  }
  if (!passes(reached, running) && passes(reached, plus(running, own))) {
    for (var b = first; b < end; b++) {
      let inside = bin_at(b);
      let next = plus(running, inside);
      if (passes(reached, next)) {
        chosen = Bin(b, running, inside);
        break;
      }
      running = next;
    }
  }
}

fn bin_at(b: u32) -> vec3u {
  return vec3u(atomicLoad(&counts[b]), atomicLoad(&lows[b]), atomicLoad(&highs[b]));
}

// BINS or more for a candidate that is not in the place.
fn bin_of(p: Place, distance: u32, id: u32) -> u32 {
  if (!p.by_id) {
    return (distance - p.start) >> p.shift;
  }
  return select((id - p.start) >> p.shift, BINS, distance != p.tie);
}

// The shift with which `largest` is in the last bin or before it.
fn shift_for(largest: u32) -> u32 {
  return max(32u - countLeadingZeros(largest), BIN_BITS) - BIN_BITS;
}

fn goal_of(t: u32, by_count: bool, passed: vec2u) -> Goal {
  let row = t * ROW;
  let count = found[row + LISTED_COUNT];
  let mass = vec2u(found[row + LISTED_MASS], found[row + LISTED_MASS + 1u]);
  return Goal(count <= LISTED && select(more(mass, passed), count > passed.x, by_count), by_count, passed);
}

fn passes(goal: Goal, running: vec3u) -> bool {
  return select(more(running.yz, goal.passed), running.x > goal.passed.x, goal.by_count);
}

fn count_of(t: u32, goal: Goal) -> u32 {
  return select(params.width, found[t * ROW + LISTED_COUNT], goal.listed);
}

fn id_at(t: u32, goal: Goal, i: u32) -> u32 {
  if (goal.listed) {
    return found[t * ROW + IDS + i];
  }
  return i;
}

fn more(a: vec2u, b: vec2u) -> bool {
  return a.y > b.y || (a.y == b.y && a.x > b.x);
}

// floor(mass * part / 2^32), of 64 bits.
fn part_of(mass: vec2u, part: u32) -> vec2u {
  let low = product(mass.x, part);
  let high = product(mass.y, part);
  let sum = high.x + low.y;
  return vec2u(sum, high.y + u32(sum < high.x));
}

// a * b, of 64 bits, low word first.
fn product(a: u32, b: u32) -> vec2u {
  let a0 = a & 0xffffu;
  let a1 = a >> 16u;
  let b0 = b & 0xffffu;
  let b1 = b >> 16u;
  let middle = a1 * b0 + ((a0 * b0) >> 16u);
  let other = a0 * b1 + (middle & 0xffffu);
  return vec2u(a * b, a1 * b1 + (middle >> 16u) + (other >> 16u));
}
