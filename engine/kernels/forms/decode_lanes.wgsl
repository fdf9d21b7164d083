// The inner loops of attention_decode, the form for GPUs: what all lanes need alike, each reads by itself.

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  decode(group, lane);
}

// Products of the key in this lane's row of the cache with all queries of the block.
fn key_dots(row: u32, head: array<u32, M>, mine: u32) -> array<f32, M> {
  var dots: array<f32, M>;
  for (var unit = 0u; unit < params.units; unit++) {
    let key = kv_unit(&keys, row, unit);
    for (var i = 0u; i < KV_UNIT; i++) {
      for (var r = 0u; r < M; r++) {
        dots[r] += dot(q[head[r] * D4 + unit * KV_UNIT + i], key[i]);
      }
    }
  }
  return dots;
}

// Quad d of the sums of `count` values from row on, weighted for each query.
fn value_sums(row: u32, count: u32, d: u32, lane: u32) -> array<vec4f, M> {
  var sum: array<vec4f, M>;
  for (var k = 0u; k < count; k++) {
    let value = kv_quad(&values, row + k * params.kv_heads, d);
    for (var r = 0u; r < M; r++) {
      sum[r] += value * weights[k * M + r];
    }
  }
  return sum;
}
