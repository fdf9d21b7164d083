// Reference of moe_matmul_block: the product of moe_matmul_vec; only who stages and multiplies what differs.
export { moeMatmulVec as moeMatmulBlock } from './moe_matmul_vec.ts';
