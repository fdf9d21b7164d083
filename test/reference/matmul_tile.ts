// Reference of matmul_tile: the product of matmul_vec; the kernels differ only in what one invocation owns.
export { matmulVec as matmulTile } from './matmul_vec.ts';
