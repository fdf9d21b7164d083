// Reference of moe_matmul_tile: the product of moe_matmul_vec; the kernels differ only in what one invocation owns.
export { moeMatmulVec as moeMatmulTile } from './moe_matmul_vec.ts';
