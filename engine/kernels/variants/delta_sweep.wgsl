// Gated delta rule row by row (docs/MODEL.md 6.4), the variant for subgroups of exactly 8 lanes. In front: a fusion (see fusions/delta_*),
// which gives the rows, and stored(at, first), which reads the state, from another tensor where the first row finds it there. Per value head, with q = qf q', k = kf k' and all of S before row n in m = S^T k', r = S^T q':
//   d = beta (v - decay kf m);  o = decay qf r + (q . k) d;  S <- decay S + kf k' d^T
// S stays in the state buffer, 16 bytes a load: one sweep over it stores what row n makes of it and sums m and r of row n + 1.
// After `commit` rows the sweeps go to the work area behind the state, so the state keeps what is committed.
// One workgroup, one subgroup, owns 32 columns of one head: a lane 4 columns. Each lane loads one quad of k' and q' per 8 quads and
// subgroupShuffle hands it round. Two barriers a row: k' and q' of row n + 1 are written before they are read, and read before row n + 2's.
@group(0) @binding(0) var<storage, read_write> state: array<vec4f>;
var<workgroup> q_rows: array<vec4f, 2u * DK4>;
var<workgroup> k_rows: array<vec4f, 2u * DK4>;

// Writes q' and k' of row n; gives qf, kf and q . k.
fn prepare(n: u32, at: u32, lane: u32) -> vec3f {
  var sums = vec3f();
  for (var i = lane; i < key_quads(); i += 8u) {
    let q = query_quad(n, i);
    let k = key_quad(n, i);
    q_rows[at + i] = q;
    k_rows[at + i] = k;
    sums += vec3f(dot(q, q), dot(k, k), dot(q, k));
  }
  let total = subgroupAdd(sums);
  let factors = row_factors(total.xy);
  return vec3f(factors, factors.x * factors.y * total.z);
}

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let dv4 = value_quads();
  let dk4 = key_quads();  // DK4, as a number the compiler does not know: unrolled, this takes seconds to compile
  let column = group.x * 8u + lane;
  let inside = column < dv4;
  let safe_column = min(column, dv4 - 1u);
  open(group.y);
  let here = group.y * DK4 * 4u * dv4 + safe_column;
  let work = here + work_quads();
  let rows = row_count();
  let commit = commit_count();
  var slot = 0u;
  var factors = vec3f();
  var m = vec4f();
  var r = vec4f();
  // One sweep before the first row, which changes nothing: it only sums m and r of row 0. Written once with the others, since
  // every access of memory that is written in a kernel takes a software device long to compile.
  for (var ready = 0u; ready <= rows; ready++) {
    let n = ready - 1u;
    var decay = 1.0;
    var change = vec4f();
    if (ready > 0u) {
      let gate = row_gate(n);
      let d = gate.x * (value_quad(n, safe_column) - gate.y * factors.y * m);
      let out = gate.y * factors.x * r + factors.z * d;
      let squares = subgroupAdd(select(0.0, dot(out, out), inside));
      finish(n, group.x, column, inside, out, squares, lane);
      decay = gate.y;
      change = d * factors.y;
    }
    let is_last = ready == rows;
    let is_kept = ready > 0u && n < commit;
    if (is_last && !is_kept) {
      break;
    }
    let other = DK4 - slot;
    var next = vec3f();
    if (!is_last) {
      next = prepare(ready, other, lane);
    }
    workgroupBarrier();
    let from_at = select(here, work, ready > commit + 1u);
    let to_at = select(work, here, is_kept);
    m = vec4f();
    r = vec4f();
    for (var first = 0u; first < dk4; first += 8u) {
      let mine = min(first + lane, DK4 - 1u);
      let k_mine = select(vec4f(), k_rows[slot + mine], ready > 0u);
      let k_next = k_rows[other + mine];
      let q_next = q_rows[other + mine];
      for (var l = 0u; l < min(8u, dk4 - first); l++) {
        let k = subgroupShuffle(k_mine, l);
        let ahead = (first + l) * 4u * dv4;
        let from_quad = from_at + ahead;
        let to_quad = to_at + ahead;
        let s0 = decay * stored(from_quad, ready < 2u) + change * k.x;
        let s1 = decay * stored(from_quad + dv4, ready < 2u) + change * k.y;
        let s2 = decay * stored(from_quad + 2u * dv4, ready < 2u) + change * k.z;
        let s3 = decay * stored(from_quad + 3u * dv4, ready < 2u) + change * k.w;
        if (inside && ready > 0u) {
          state[to_quad] = s0;
          state[to_quad + dv4] = s1;
          state[to_quad + 2u * dv4] = s2;
          state[to_quad + 3u * dv4] = s3;
        }
        let s = mat4x4f(s0, s1, s2, s3);
        m += s * subgroupShuffle(k_next, l);
        r += s * subgroupShuffle(q_next, l);
      }
    }
    slot = other;
    factors = next;
    workgroupBarrier();
  }
}
