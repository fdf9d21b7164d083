// Few rows times stored weights, fused with what comes before and after: the variant for subgroups of exactly 8 lanes.
// In front: for each matrix an accessor and variants/shuffle_rows, with `gather`, which takes one of them; a fusion (see fusions/),
// which names the rows of weights and activations, says the square of what it norms, and takes the sums.
// A workgroup is one subgroup. One lane owns OUT = 4 rows of weights for N rows of activations; each lane prepares one quad of
// activations and subgroupShuffle hands it to all, so what comes before is computed once for 32 outputs.
// No lane leaves early; rows past the end are clamped by the fusion when read and skipped when written.
struct Place {
  matrix: u32,
  row: u32,
  columns: u32,
}

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let block = (group.x - groups_before(group.x)) * 8u + lane;
  var acc: array<vec4f, N>;
  var squares: array<f32, N>;
  var rows = N;
  for (var slot = 0u; slot < slot_count(); slot++) {
    let place = place_of(group, slot);
    if (place.row == NOT_HERE) {
      continue;
    }
    // N, as a number the compiler does not know if it is more than 1.
    rows = select(N + (place.columns >> 24u), 1u, N == 1u);
    gather(place.matrix, vec4u(place.row) + weight_rows(place.matrix, block), place.columns, lane, &acc, &squares);
  }
  for (var s = 0u; s < rows; s++) {
    var sums = acc[0];
    var sum_of_squares = squares[0];
    for (var r = 1u; r < N; r++) {
      sums = select(sums, acc[r], r == s);
      sum_of_squares = select(sum_of_squares, squares[r], r == s);
    }
    finish(group, s, block, sums, subgroupAdd(sum_of_squares));
  }
}
