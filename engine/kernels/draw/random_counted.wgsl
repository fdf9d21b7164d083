// The random numbers of the rows, by the number of the draw: Philox2x32-10 of the seed, random_0, as in language_model/sampling.ts.
// Row 0 is draw number random_1 + accepted().
fn random(t: u32) -> u32 {
  var left = params.random_1 + accepted() + t;
  var right = 0u;
  var key = params.random_0;
  for (var round = 0u; round < 10u; round++) {
    let whole = product(0xd256d193u, left);
    left = whole.y ^ key ^ right;
    right = whole.x;
    key += 0x9e3779b9u;
  }
  return left;
}
