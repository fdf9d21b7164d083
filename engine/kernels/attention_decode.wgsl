// Flash decode, first stage: softmax-weighted value sums over one split of the keys, not yet normalised.
//   partial[t, h, s, :] = sum_p e^(score_p - top) values[p, g, :];   stats[t, h, s] = (top, sum_p e^(score_p - top))
// over p in split s of positions 0 … start + accepted() + t. q: f32 [T, heads, D]; partial: f32 [T, heads, splits, D]; stats: f32 [T, heads, splits, 2];
// keys, values: rows as the KV accessor in front reads them. An empty split has top -1e30 and sums 0.
// One workgroup owns M queries, (row, head) pairs, of one KV head in one split, so that each key and value is loaded once for all. By tiles of
// TILE keys, which lie in one page: lanes take whole keys and leave their scores in `weights`; lanes take quads of the value sum. Three barriers a tile:
// largest scores of the lanes, then weights, before they are read; weights read before the next tile writes. Queries past the end
// repeat the last one and are not written.
@group(0) @binding(0) var<storage, read> q: array<vec4f>;
@group(0) @binding(1) var<storage, read> keys: array<KvLoad>;
@group(0) @binding(2) var<storage, read> values: array<KvLoad>;
@group(0) @binding(3) var<storage, read_write> partial: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> stats: array<vec2f>;
struct Params {
  heads: u32,
  kv_heads: u32,
  rows: u32,         // the last of T and one
  start: u32,        // position of row 0
  split_keys: u32,   // keys in a split
  splits: u32,
  first_line: u32,   // of the T rows, in the cache's order: row * ratio
  first_split: u32,
  units: u32,        // of a row of the cache
  quads: u32,        // D4, as a number the compiler does not know: it would unroll
  scale: f32,
}
var<immediate> params: Params;
var<workgroup> weights: array<f32, TILE * M>;
var<workgroup> of_lanes: array<f32, WG * M>;

// Row of query r of the block in q, as (row t, t * heads + h).
fn query(block: u32, g: u32, r: u32) -> vec2u {
  let ratio = params.heads / params.kv_heads;
  let m = min(params.first_line + block * M + r, params.rows * ratio - 1u);
  let t = m / ratio;
  return vec2u(t, t * params.heads + g * ratio + m % ratio);
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let split = params.first_split + group.x;
  let g = group.y;
  let real = min(M, params.rows * (params.heads / params.kv_heads) - params.first_line - group.z * M);
  let first_row = params.first_line * params.kv_heads;
  var head: array<u32, M>;
  var sees: array<u32, M>;
  var top: array<f32, M>;
  var total: array<f32, M>;
  for (var r = 0u; r < M; r++) {
    let of_r = query(group.z, g, r);
    head[r] = of_r.y;
    sees[r] = params.start + accepted() + of_r.x + 1u;
    top[r] = -1e30;
  }
  let begin = split * params.split_keys;
  let end = min(begin + params.split_keys, sees[M - 1u]);
  let step = params.kv_heads * KV_ROW;
  for (var first = begin; first < end; first += TILE) {
    let count = min(TILE, end - first);
    let tile_at = kv_at(first, g, params.kv_heads);
    var high = top;
    for (var base = 0u; base < count; base += WG) {
      let k = base + lane;
      let dots = key_dots(tile_at + min(k, count - 1u) * step, head);
      if (k < count) {
        for (var r = 0u; r < M; r++) {
          let score = select(-1e30, dots[r] * params.scale, first + k < sees[r]);
          weights[k * M + r] = score;
          high[r] = max(high[r], score);
        }
      }
    }
    for (var r = 0u; r < M; r++) {
      of_lanes[lane * M + r] = high[r];
    }
    workgroupBarrier();
    for (var l = 0u; l < WG; l++) {
      for (var r = 0u; r < M; r++) {
        high[r] = max(high[r], of_lanes[l * M + r]);
      }
    }
    var shrink: array<f32, M>;
    for (var r = 0u; r < M; r++) {
      shrink[r] = exp(top[r] - high[r]);
      total[r] *= shrink[r];
    }
    top = high;
    for (var k = lane; k < count; k += WG) {
      for (var r = 0u; r < M; r++) {
        let weight = select(0.0, exp(weights[k * M + r] - top[r]), first + k < sees[r]);
        weights[k * M + r] = weight;
        total[r] += weight;
      }
    }
    workgroupBarrier();
    for (var base = 0u; base < params.quads; base += WG) {
      let d = min(base + lane, D4 - 1u);
      let sum = value_sums(tile_at, count, d);
      for (var r = 0u; r < M; r++) {
        if (r < real && base + lane < D4) {
          let at = ((head[r] - first_row) * params.splits + split) * D4 + d;
          var before = vec4f();
          if (first > begin) {
            before = partial[at] * shrink[r];
          }
          partial[at] = before + sum[r];
        }
      }
    }
    workgroupBarrier();
  }
  for (var r = 0u; r < M; r++) {
    of_lanes[lane * M + r] = total[r];
  }
  workgroupBarrier();
  for (var r = 0u; r < M; r++) {
    if (r < real) {
      let at = (head[r] - first_row) * params.splits + split;
      for (var d = lane; begin >= end && d < D4; d += WG) {
        partial[at * D4 + d] = vec4f();
      }
      if (lane == 0u) {
        var all = 0.0;
        for (var l = 0u; l < WG; l++) {
          all += of_lanes[l * M + r];
        }
        stats[at] = vec2f(top[r], all);
      }
    }
  }
}

// Products of this lane's key, whose row begins there, with all queries of the block.
fn key_dots(row_at: u32, head: array<u32, M>) -> array<f32, M> {
  var dots: array<f32, M>;
  // The compiler of a software device does not know them: unrolled, the loads of queries take it long.
  let quads = select(KV_UNIT * min(params.units, 1u), KV_UNIT, UNROLL);
  for (var unit = 0u; unit < params.units; unit++) {
    let key = kv_unit(&keys, row_at, unit);
    for (var i = 0u; i < quads; i++) {
      for (var r = 0u; r < M; r++) {
        dots[r] += dot(q[head[r] * D4 + unit * KV_UNIT + i], key[i]);
      }
    }
  }
  return dots;
}

// Quad d of the sums of `count` values of a page, of which the first one's row begins there, weighted for each query.
fn value_sums(row_at: u32, count: u32, d: u32) -> array<vec4f, M> {
  var sum: array<vec4f, M>;
  for (var k = 0u; k < count; k++) {
    let value = kv_quad(&values, row_at + k * params.kv_heads * KV_ROW, d);
    for (var r = 0u; r < M; r++) {
      sum[r] += value * weights[k * M + r];
    }
  }
  return sum;
}
