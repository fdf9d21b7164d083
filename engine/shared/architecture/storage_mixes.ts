// Which storage type each matrix of a file has, by the usual name of the file's mix ("Q4_K_M"). Pure.
import { storageTypes, type StorageType } from './storage_types.ts';

/** Mixes that the engine makes of plain types while it loads: embedding and head stay at 8 bits. */
export const roundedNames = { Q8_0: 'Q8_0', Q4_0: 'Q4_0 rounded' } as const;

/** A matrix as mixes tell them apart; small: norms, convolutions, routers and their like. */
export type MatrixRole = 'embedding' | 'head' | 'value' | 'down' | 'matrix' | 'small';

/** One matrix of a model. */
export interface MixedMatrix {
  role: MatrixRole;
  /** Of many, of which some are chosen for a token. */
  experts: boolean;
  /** The embedding is the head too. */
  tied: boolean;
  /** Its place among the `count` layers that have one like it. */
  index: number;
  count: number;
}

/** The storage type of a matrix. */
export type StorageMix = (matrix: MixedMatrix) => StorageType;

/** The rule behind a name; undefined where it is not known. */
export function storageMix(name: string): StorageMix | undefined {
  const plain = name === 'MXFP4_MOE' ? undefined : asStorageType(name);
  if (plain === 'F32' || plain === 'BF16' || plain === 'F16') return () => plain;
  if (plain) return ({ role }) => (role === 'small' ? 'F32' : plain);
  if (name === 'MXFP4_MOE')
    return ({ role, experts }) => (role === 'small' ? 'F32' : experts ? 'MXFP4' : 'Q8_0');
  if (name === roundedNames.Q4_0)
    return ({ role }) => {
      if (role === 'small') return 'F32';
      return role === 'head' || role === 'embedding' ? 'Q8_0' : 'Q4_0';
    };
  const kMix = /^(Q4_K|Q5_K)_(M|S)$/.exec(name);
  if (!kMix) return undefined;
  const base = kMix[1] as StorageType;
  return ({ role, tied, index, count }) => {
    if (role === 'small') return 'F32';
    // A tied embedding doubles as the head and is stored like one.
    if (role === 'head' || (role === 'embedding' && tied)) return 'Q6_K';
    const better = kMix[2] === 'M' && (role === 'value' || role === 'down') && isBetterLayer(index, count);
    return better ? 'Q6_K' : base;
  };
}

/** In an _M mix the first and last eighth of the layers and every third between them get the better type. */
function isBetterLayer(index: number, count: number): boolean {
  const eighth = Math.floor(count / 8);
  return index < eighth || index >= Math.floor((7 * count) / 8) || (index - eighth) % 3 === 2;
}

function asStorageType(name: string): StorageType | undefined {
  return Object.hasOwn(storageTypes, name) ? (name as StorageType) : undefined;
}
