// Reference of moe_matmul_shuffle: the product of moe_matmul_vec; only who loads what differs.
export { moeMatmulVec as moeMatmulShuffle } from './moe_matmul_vec.ts';
