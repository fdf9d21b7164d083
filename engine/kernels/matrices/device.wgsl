// Matrices of variants/block_matrix that the device itself multiplies (chromium_experimental_subgroup_matrix).
alias Weights = subgroup_matrix_left<StagedValue, MATRIX_DEPTH, MATRIX_OUTPUTS>;
alias Activations = subgroup_matrix_right<StagedValue, MATRIX_ROWS, MATRIX_DEPTH>;
alias Sums = subgroup_matrix_result<f32, MATRIX_ROWS, MATRIX_OUTPUTS>;

fn load_weights(at: u32) -> Weights {
  return subgroupMatrixLoad<Weights, row_major>(&w_tile, at, PITCH);
}
fn load_activations(at: u32) -> Activations {
  return subgroupMatrixLoad<Activations, col_major>(&x_tile, at, PITCH);
}
fn multiplied(w: Weights, x: Activations, sums: Sums) -> Sums {
  return subgroupMatrixMultiplyAccumulate(w, x, sums);
}
fn keep_sums(at: u32, sums: Sums) {
  subgroupMatrixStore<col_major>(&kept, at, sums, MATRIX_OUTPUTS);
}
