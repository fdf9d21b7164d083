// Staged tiles in halves, for devices with shader-f16: half the workgroup memory and traffic, sums stay f32.
// Activations that a half cannot hold become the largest it can; weights are not looked at, so that a NaN among them shows.
alias Staged = vec4<f16>;
fn staged(v: vec4f) -> Staged {
  return Staged(clamp(v, vec4f(-65504.0), vec4f(65504.0)));
}
