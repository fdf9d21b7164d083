// Files that hold only the MTP block of a GGUF model, "mtp-NAME.gguf" beside "NAME.gguf": which one belongs to a model, and what of it.
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { PlacedTensor } from './tensor_store.ts';

const companionName = /^mtp-(.+)\.gguf$/i;
/** What a name says of parts and of the storage types, which may differ. */
const suffixes = /(-\d{5}-of-\d{5})?\.gguf$/i;
const typeSuffix = /[-._](?:UD-)?(?:I?Q\d\w*|TQ\d\w*|BF16|F16|F32|MXFP4\w*|NVFP4\w*)$/i;

function modelName(fileName: string): string {
  return fileName.replace(suffixes, '').replace(typeSuffix, '').toLowerCase();
}

/** The file with the MTP block of the model at `path`, if there is one in the same folder. */
export async function findMtpCompanion(path: string): Promise<string | undefined> {
  const own = basename(path);
  if (companionName.test(own) || !/\.gguf$/i.test(own)) return undefined;
  const names = (await readdir(dirname(path))).sort();
  const found = names.find(name => {
    const stem = companionName.exec(name)?.[1];
    return stem !== undefined && modelName(`${stem}.gguf`) === modelName(own);
  });
  return found && join(dirname(path), found);
}

/** The tensors of the MTP block among those of a file; it has copies of the embedding and the head too. */
export function mtpTensors(placed: readonly PlacedTensor[]): PlacedTensor[] {
  const block = firstMtpBlock(placed.map(({ entry }) => entry.name));
  return block === undefined ? [] : placed.filter(({ entry }) => entry.name.startsWith(`blk.${block}.`));
}

/** Number of the first block that predicts several tokens, by the names of tensors. */
export function firstMtpBlock(names: Iterable<string>): number | undefined {
  let first: number | undefined;
  for (const name of names) {
    const block = Number(/^blk\.(\d+)\.nextn\./.exec(name)?.[1] ?? NaN);
    if (block < (first ?? Infinity)) first = block;
  }
  return first;
}

/** True when two files are of models of one shape, as far as their blocks go. */
export function sameShape(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  const name = a['general.architecture'];
  return (
    name === b['general.architecture'] &&
    ['embedding_length', 'attention.head_count', 'attention.key_length', 'expert_count'].every(
      field => a[`${String(name)}.${field}`] === b[`${String(name)}.${field}`],
    )
  );
}
