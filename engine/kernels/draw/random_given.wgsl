// The random numbers of the rows, as the host made them.
fn random(t: u32) -> u32 {
  switch t {
    case 0u: { return params.random_0; }
    case 1u: { return params.random_1; }
    case 2u: { return params.random_2; }
    case 3u: { return params.random_3; }
    default: { return params.random_4; }
  }
}
