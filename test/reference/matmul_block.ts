// Reference of matmul_block: the product of matmul_vec; only who stages and multiplies what differs.
export { matmulVec as matmulBlock } from './matmul_vec.ts';
