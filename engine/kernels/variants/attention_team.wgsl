// Attention over a run of keys by teams of lanes that lie across a head: the variant for GPUs with subgroups.
// A team of TEAM neighbouring lanes owns M lines, (row, head) pairs that share key head g: line m = t * ratio + j is row t of head
// g * ratio + j. Lane `rank` holds the pieces rank, rank + TEAM, … of its lines' queries and value sums in registers, so that neighbours
// read neighbouring bytes of every key and value, and each serves M lines. By GROUP keys: partial products are halved across the lanes
// until lane `rank` has the whole score of line rank % M and key (rank / M) % GROUP; it exponentiates that one, and hands it round for
// the value sums. Softmax is online, in f32. A workgroup of WG lanes has BLOCKS * PHASES teams: BLOCKS blocks of lines, and for each
// PHASES teams that take keys in turns, TILE keys for all of them at a time, and are joined at the end. Lines past the last repeat it and
// are not written; keys past the end repeat the last one and weigh nothing. No lane leaves early.
// In front: these sizes, UNROLL, PIECES of a row, accepted(), by which start is later, the KV accessor. With it: an exchange (how lanes hand each other values) and a fetch
// (where keys come from). The kernel declares q, keys, values and params with rows (the last one and one), first_line, heads, kv_heads,
// start, the position of row 0, and scale, and says run_of, put and put_scale as for variants/attention_shuffle.
// Barriers: where teams are joined, what one writes is complete before others read it, and read before it is overwritten.
struct Run {
  block: u32,
  g: u32,
  begin: u32,
  end: u32,
}
const PARTS = (PIECES + TEAM - 1u) / TEAM;
const QUADS = PARTS * KV_PIECE;
const ROUND = GROUP * PHASES;
var<workgroup> phase_tops: array<f32, PHASES * M>;
var<workgroup> joined: array<vec4f, select(1u, WG * QUADS, PHASES > 1u)>;

// Row of a line in q: t * heads + h.
fn row_of(line: u32, g: u32) -> u32 {
  let ratio = params.heads / params.kv_heads;
  return (line / ratio) * params.heads + g * ratio + line % ratio;
}

fn attend(group: vec3u, lane: u32, id: u32) {
  // Sizes that the compiler of a software device does not know: unrolled, an access of memory compiles slowly each time it is written.
  let hidden = select(params.heads >> 16u, 0u, UNROLL);
  let lines = M + hidden;
  let keys_at_once = GROUP + hidden;
  let parts = PARTS + hidden;
  let run = run_of(group);
  let g = run.g;
  let ratio = params.heads / params.kv_heads;
  let line_end = params.rows * ratio;
  let rank = lane % TEAM;
  let team_id = id - rank;
  let phase = (lane / TEAM) % PHASES;
  let group_line = params.first_line + run.block * (BLOCKS * M);
  let first_line = group_line + (lane / (TEAM * PHASES)) * M;
  let end = min(run.end, params.start + accepted() + (min(group_line + BLOCKS * M, line_end) - 1u) / ratio + 1u);

  var query: array<array<vec4f, QUADS>, M>;
  var sum: array<array<vec4f, QUADS>, M>;
  for (var r = 0u; r < lines; r++) {
    let q_at = row_of(min(first_line + r, line_end - 1u), g) * D4;
    for (var j = 0u; j < parts; j++) {
      for (var i = 0u; i < KV_PIECE; i++) {
        let d = (j * TEAM + rank) * KV_PIECE + i;
        query[r][j * KV_PIECE + i] = select(vec4f(), q[q_at + min(d, D4 - 1u)] * params.scale, d < D4);
      }
    }
  }
  // This lane's line and key of each round.
  let of_line = rank % M;
  let of_key = (rank / M) % GROUP;
  let sees = min(end, params.start + accepted() + min(first_line + of_line, line_end - 1u) / ratio + 1u);
  var top = -1e30;
  var total = 0.0;

  tile_begins(run.begin, end, g, lane);
  for (var first = run.begin; first < end; first += TILE) {
    tile_ready(first, end, g, lane);
    for (var round = 0u; round < TILE; round += ROUND) {
      let k0 = round + phase * GROUP;
      var of_keys: array<f32, GROUP>;
      for (var k = 0u; k < keys_at_once; k++) {
        var dots = array<f32, M>();
        for (var j = 0u; j < parts; j++) {
          let piece = min(j * TEAM + rank, PIECES - 1u);
          let key = kv_piece(key_load(first, k0 + k, end, g, kv_piece_at(piece)), key_load(first, k0 + k, end, g, kv_scale_at(piece)), piece);
          for (var r = 0u; r < lines; r++) {
            for (var i = 0u; i < KV_PIECE; i++) {
              dots[r] += dot(query[r][j * KV_PIECE + i], key[i]);
            }
          }
        }
        of_keys[k] = own_line(dots, rank, id);
      }
      let visible = first + k0 + of_key < sees;
      let score = select(-1e30, own_key(of_keys, rank, id), visible);
      var high = max(top, score);
      for (var mask = M; mask < GROUP * M; mask *= 2u) {
        high = max(high, lane_xor(high, id, mask));
      }
      let shrink = exp(top - high);
      let weight = select(0.0, exp(score - high), visible);
      top = high;
      total = total * shrink + weight;
      for (var r = 0u; r < lines; r++) {
        let factor = lane_at(shrink, id, team_id + r);
        for (var i = 0u; i < QUADS; i++) {
          sum[r][i] *= factor;
        }
      }
      for (var k = 0u; k < keys_at_once; k++) {
        var of_k: array<f32, M>;
        for (var r = 0u; r < lines; r++) {
          of_k[r] = lane_at(weight, id, team_id + k * M + r);
        }
        for (var j = 0u; j < parts; j++) {
          let piece = min(j * TEAM + rank, PIECES - 1u);
          let value = kv_piece(value_load(first, k0 + k, end, g, kv_piece_at(piece)), value_load(first, k0 + k, end, g, kv_scale_at(piece)), piece);
          for (var r = 0u; r < lines; r++) {
            for (var i = 0u; i < KV_PIECE; i++) {
              sum[r][j * KV_PIECE + i] += value[i] * of_k[r];
            }
          }
        }
      }
    }
  }

  for (var mask = M; mask < GROUP * M; mask *= 2u) {
    total += lane_xor(total, id, mask);
  }
  if (PHASES > 1u) {
    // All teams of a block count from its largest score.
    if (rank < M) {
      phase_tops[phase * M + rank] = top;
    }
    workgroupBarrier();
    var high = top;
    for (var p = 0u; p < PHASES + hidden; p++) {
      high = max(high, phase_tops[p * M + of_line]);
    }
    let shrink = exp(top - high);
    workgroupBarrier();
    if (rank < M) {
      phase_tops[phase * M + rank] = total * shrink;
    }
    workgroupBarrier();
    top = high;
    total = 0.0;
    for (var p = 0u; p < PHASES + hidden; p++) {
      total += phase_tops[p * M + of_line];
    }
    for (var r = 0u; r < lines; r++) {
      let factor = lane_at(shrink, id, team_id + r);
      for (var i = 0u; i < QUADS; i++) {
        joined[lane * QUADS + i] = sum[r][i] * factor;
      }
      workgroupBarrier();
      for (var i = 0u; i < QUADS; i++) {
        var all = vec4f();
        for (var p = 0u; p < PHASES + hidden; p++) {
          all += joined[(p * TEAM + rank) * QUADS + i];
        }
        sum[r][i] = all;
      }
      workgroupBarrier();
    }
  }
  for (var r = 0u; r < lines; r++) {
    let line = first_line + r;
    let row = row_of(line, g);
    let all = lane_at(total, id, team_id + r);
    let highest = lane_at(top, id, team_id + r);
    if (line < line_end && phase == r % PHASES) {
      for (var j = 0u; j < parts; j++) {
        for (var i = 0u; i < KV_PIECE; i++) {
          let d = (j * TEAM + rank) * KV_PIECE + i;
          if (d < D4) {
            put(row, d, sum[r][j * KV_PIECE + i], all, group);
          }
        }
      }
      if (rank == 0u) {
        put_scale(row, highest, all, group);
      }
    }
  }
}

// Of the sums of M lines over the lanes that share rank / M, this lane gets line rank % M's.
fn own_line(parts: array<f32, M>, rank: u32, id: u32) -> f32 {
  var left = parts;
  for (var half = M / 2u; half > 0u; half /= 2u) {
    let upper = (rank & half) != 0u;
    for (var i = 0u; i < half; i++) {
      left[i] = select(left[i], left[half + i], upper) + lane_xor(select(left[half + i], left[i], upper), id, half);
    }
  }
  return left[0];
}
// Of the sums of GROUP keys over the lanes that share rank % M, this lane gets key (rank / M) % GROUP's.
fn own_key(parts: array<f32, GROUP>, rank: u32, id: u32) -> f32 {
  var left = parts;
  for (var half = GROUP / 2u; half > 0u; half /= 2u) {
    let upper = (rank & (half * M)) != 0u;
    for (var i = 0u; i < half; i++) {
      left[i] = select(left[i], left[half + i], upper) + lane_xor(select(left[half + i], left[i], upper), id, half * M);
    }
  }
  var all = left[0];
  for (var mask = GROUP * M; mask < TEAM; mask *= 2u) {
    all += lane_xor(all, id, mask);
  }
  return all;
}
