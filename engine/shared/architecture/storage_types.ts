// How many bytes the storage types of weights take (docs/MODEL.md 3.5). Blocks run along a row.

/** Weights of one block, and its bytes in a file. */
export const storageTypes = {
  F32: { elements: 1, bytes: 4 },
  F16: { elements: 1, bytes: 2 },
  BF16: { elements: 1, bytes: 2 },
  /** Its scales are stored apart. */
  F8_E4M3: { elements: 1, bytes: 1 },
  Q4_0: { elements: 32, bytes: 18 },
  Q4_1: { elements: 32, bytes: 20 },
  Q5_0: { elements: 32, bytes: 22 },
  Q5_1: { elements: 32, bytes: 24 },
  Q8_0: { elements: 32, bytes: 34 },
  IQ4_NL: { elements: 32, bytes: 18 },
  MXFP4: { elements: 32, bytes: 17 },
  Q2_K: { elements: 256, bytes: 84 },
  Q3_K: { elements: 256, bytes: 110 },
  Q4_K: { elements: 256, bytes: 144 },
  Q5_K: { elements: 256, bytes: 176 },
  Q6_K: { elements: 256, bytes: 210 },
  IQ4_XS: { elements: 256, bytes: 136 },
  IQ1_S: { elements: 256, bytes: 50 },
  IQ1_M: { elements: 256, bytes: 56 },
  IQ2_XXS: { elements: 256, bytes: 66 },
  IQ2_XS: { elements: 256, bytes: 74 },
  IQ2_S: { elements: 256, bytes: 82 },
  IQ3_XXS: { elements: 256, bytes: 98 },
  IQ3_S: { elements: 256, bytes: 110 },
  TQ1_0: { elements: 256, bytes: 54 },
  TQ2_0: { elements: 256, bytes: 66 },
  /** A scale for a whole tensor is stored apart. */
  NVFP4: { elements: 64, bytes: 36 },
} as const;

/** Spelled as in GGUF, or as in safetensors where GGUF has none. */
export type StorageType = keyof typeof storageTypes;

/** Bytes of one weight. */
export function bytesPerWeight(type: StorageType): number {
  const { elements, bytes } = storageTypes[type];
  return bytes / elements;
}
