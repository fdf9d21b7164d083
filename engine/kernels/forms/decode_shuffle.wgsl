// The inner loops of attention_decode, the form for subgroups of exactly 8 lanes, one a workgroup: what all lanes need alike,
// one of them loads and subgroupShuffle hands round.

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  decode(group, lane);
}

// Products of the key in this lane's row of the cache with all queries of the block; `mine` is the query this lane loads.
fn key_dots(row: u32, head: array<u32, M>, mine: u32) -> array<f32, M> {
  var dots: array<f32, M>;
  for (var unit = 0u; unit < params.units; unit++) {
    let key = kv_unit(&keys, row, unit);
    for (var i = 0u; i < KV_UNIT; i++) {
      let part = q[mine * D4 + unit * KV_UNIT + i];
      for (var r = 0u; r < M; r++) {
        dots[r] += dot(subgroupShuffle(part, r), key[i]);
      }
    }
  }
  return dots;
}

// Quad d of the sums of `count` values from row on, weighted for each query.
fn value_sums(row: u32, count: u32, d: u32, lane: u32) -> array<vec4f, M> {
  var sum: array<vec4f, M>;
  for (var base = 0u; base < count; base += 8u) {
    var mine: array<f32, M>;
    for (var r = 0u; r < M; r++) {
      mine[r] = weights[min(base + lane, count - 1u) * M + r];
    }
    for (var l = 0u; l < min(8u, count - base); l++) {
      let value = kv_quad(&values, row + (base + l) * params.kv_heads, d);
      for (var r = 0u; r < M; r++) {
        sum[r] += value * subgroupShuffle(mine[r], l);
      }
    }
  }
  return sum;
}
