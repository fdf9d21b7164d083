// Staged tiles in f32: four neighbours of a row, as they are.
alias Staged = vec4f;
fn staged(v: vec4f) -> Staged {
  return v;
}
