// Reference of matmul_shuffle: the product of matmul_vec; only who loads what differs.
export { matmulVec as matmulShuffle } from './matmul_vec.ts';
