// Attention of M queries, (row, head) pairs of one KV head, over a run of keys, for devices whose subgroups have exactly 8 lanes.
// One workgroup is one subgroup: lane l holds the units l, l + 8, … of the queries and of their value sums, so that every key and value
// is loaded once for all, and nothing is kept in workgroup memory. By 8 keys: each lane multiplies its units of all of them; the partial
// sums are added across the lanes so that lane l ends with the score of key l, exponentiates that one, and hands it round for the value
// sums. Queries past the end repeat the last one and are not written.
// In front: M, UNITS, the units of a row of the cache, accepted(), and the KV accessor. The kernel declares q, keys, values and params with
// rows (the last one and one), first_line, heads, kv_heads, start, the position of row 0 but for accepted() more, and scale, and says
//   run_of(group) -> Run               which queries and keys: block, g, begin and end, which need not be within what the queries see
//   put(row, d, sum, total, group)     quad d of the value sum of row * heads + head, and the sum of its weights
//   put_scale(row, top, total, group)  once for each of them: the largest score, which the weights are relative to
struct Run {
  block: u32,
  g: u32,
  begin: u32,
  end: u32,
}
const PARTS = (UNITS + 7u) / 8u;
const QUADS = PARTS * KV_UNIT;

// Row of query r of the block in q, as (row t, t * heads + h).
fn query_of(block: u32, g: u32, r: u32) -> vec2u {
  let ratio = params.heads / params.kv_heads;
  let m = min(params.first_line + block * M + r, params.rows * ratio - 1u);
  let t = m / ratio;
  return vec2u(t, t * params.heads + g * ratio + m % ratio);
}

// Of the sums of 8 keys over the lanes, lane l gets key l's.
fn own_sum(low: vec4f, high: vec4f, lane: u32) -> f32 {
  let third = (lane & 4u) != 0u;
  let second = (lane & 2u) != 0u;
  let first = (lane & 1u) != 0u;
  let four = select(low, high, third) + subgroupShuffleXor(select(high, low, third), 4u);
  let two = select(four.xy, four.zw, second) + subgroupShuffleXor(select(four.zw, four.xy, second), 2u);
  return select(two.x, two.y, first) + subgroupShuffleXor(select(two.y, two.x, first), 1u);
}
fn largest(x: f32) -> f32 {
  let two = max(x, subgroupShuffleXor(x, 1u));
  let four = max(two, subgroupShuffleXor(two, 2u));
  return max(four, subgroupShuffleXor(four, 4u));
}

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let run = run_of(group);
  let g = run.g;
  let real = min(M, params.rows * (params.heads / params.kv_heads) - params.first_line - run.block * M);
  var sees: array<u32, M>;
  var top: array<f32, M>;
  var total: array<f32, M>;
  var query: array<array<vec4f, QUADS>, M>;
  var sum: array<array<vec4f, QUADS>, M>;
  // Numbers which the compiler does not know, so that it does not unroll: an access of memory compiles slowly each time it is written.
  let halves = 2u + (params.heads >> 16u);
  let queries = M + (params.heads >> 16u);
  for (var r = 0u; r < M; r++) {
    let of_r = query_of(run.block, g, r);
    sees[r] = params.start + accepted() + of_r.x + 1u;
    top[r] = -1e30;
  }
  for (var s = 0u; s < queries; s++) {
    let q_at = query_of(run.block, g, s).y * D4;
    for (var j = 0u; j < PARTS; j++) {
      for (var i = 0u; i < KV_UNIT; i++) {
        let d = (j * 8u + lane) * KV_UNIT + i;
        let quad = select(vec4f(), q[q_at + min(d, D4 - 1u)] * params.scale, d < D4);
        for (var r = 0u; r < M; r++) {
          query[r][j * KV_UNIT + i] = select(query[r][j * KV_UNIT + i], quad, r == s);
        }
      }
    }
  }
  let begin = run.begin;
  let end = min(run.end, sees[M - 1u]);
  let step = params.kv_heads * KV_ROW;
  for (var first = begin; first < end; first += 8u) {
    // They lie in one page.
    let first_at = kv_at(first, g, params.kv_heads);
    let count = min(8u, end - first);
    // Products with keys 0-3 and 4-7.
    var low: array<vec4f, M>;
    var high: array<vec4f, M>;
    for (var half = 0u; half < halves; half++) {
      // Set here: what a loop declares is not cleared in every round on every driver.
      var dots = array<vec4f, M>();
      // Keys past the end repeat the last one and weigh nothing.
      let row_at = first_at + min(vec4u(half * 4u) + vec4u(0u, 1u, 2u, 3u), vec4u(count - 1u)) * step;
      for (var j = 0u; j < PARTS; j++) {
        let unit = min(j * 8u + lane, UNITS - 1u);
        let a = kv_unit(&keys, row_at.x, unit);
        let b = kv_unit(&keys, row_at.y, unit);
        let c = kv_unit(&keys, row_at.z, unit);
        let d = kv_unit(&keys, row_at.w, unit);
        for (var i = 0u; i < KV_UNIT; i++) {
          for (var r = 0u; r < M; r++) {
            let of_r = query[r][j * KV_UNIT + i];
            dots[r] += vec4f(dot(of_r, a[i]), dot(of_r, b[i]), dot(of_r, c[i]), dot(of_r, d[i]));
          }
        }
      }
      for (var r = 0u; r < M; r++) {
        low[r] = select(low[r], dots[r], half == 0u);
        high[r] = dots[r];
      }
    }
    var weight: array<f32, M>;
    for (var r = 0u; r < M; r++) {
      let visible = first + lane < min(end, sees[r]);
      let score = select(-1e30, own_sum(low[r], high[r], lane), visible);
      let before = top[r];
      top[r] = max(before, largest(score));
      let shrink = exp(before - top[r]);
      weight[r] = select(0.0, exp(score - top[r]), visible);
      total[r] = total[r] * shrink + weight[r];
      for (var i = 0u; i < QUADS; i++) {
        sum[r][i] *= shrink;
      }
    }
    for (var k = 0u; k < count; k++) {
      let row_at = first_at + k * step;
      var of_k: array<f32, M>;
      for (var r = 0u; r < M; r++) {
        of_k[r] = subgroupShuffle(weight[r], k);
      }
      for (var j = 0u; j < PARTS; j++) {
        let value = kv_unit(&values, row_at, min(j * 8u + lane, UNITS - 1u));
        for (var i = 0u; i < KV_UNIT; i++) {
          for (var r = 0u; r < M; r++) {
            sum[r][j * KV_UNIT + i] += value[i] * of_k[r];
          }
        }
      }
    }
  }
  for (var s = 0u; s < min(queries, real); s++) {
    var mine = total[0];
    var highest = top[0];
    for (var r = 1u; r < M; r++) {
      mine = select(mine, total[r], r == s);
      highest = select(highest, top[r], r == s);
    }
    let two = mine + subgroupShuffleXor(mine, 1u);
    let four = two + subgroupShuffleXor(two, 2u);
    let all = four + subgroupShuffleXor(four, 4u);
    let row = query_of(run.block, g, s).y;
    for (var j = 0u; j < PARTS; j++) {
      for (var i = 0u; i < KV_UNIT; i++) {
        var quad = sum[0][j * KV_UNIT + i];
        for (var r = 1u; r < M; r++) {
          quad = select(quad, sum[r][j * KV_UNIT + i], r == s);
        }
        let d = (j * 8u + lane) * KV_UNIT + i;
        if (d < D4) {
          put(row, d, quad, all, group);
        }
      }
    }
    if (lane == 0u) {
      put_scale(row, highest, all, group);
    }
  }
}
