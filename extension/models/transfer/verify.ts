// Checks the files of an installed model against the hashes they were installed with.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { formatNumber, t } from '../../l10n.ts';
import { hashFile } from './hash.ts';
import { readNote } from './plan.ts';
import type { ModelOnDisk } from './model_on_disk.ts';

/** Result of checking a model's files again. */
export interface VerifyResult {
  ok: boolean;
  /** One per file that is missing or differs. */
  problems: { file: string; what: string }[];
  /** Files without a known hash: only their size was compared. */
  withoutHash: string[];
}

/** Reads every file that has a known hash; of others only the length is compared. */
export async function verifyModel(
  folder: string,
  model: ModelOnDisk,
  onBytes: (bytesDone: number) => void,
): Promise<VerifyResult> {
  const note = model.managed ? await readNote(folder) : undefined;
  const hashes = new Map(note?.files.map(({ name, hash }) => [name, hash]));
  const result: VerifyResult = { ok: true, problems: [], withoutHash: [] };
  let before = 0;
  for (const { name, bytes } of model.files) {
    const path = join(folder, name);
    const hash = hashes.get(name);
    const size = await stat(path).then(
      found => found.size,
      () => undefined,
    );
    if (size === undefined) result.problems.push({ file: name, what: t('it is missing') });
    else if (size !== bytes)
      result.problems.push({
        file: name,
        what: t('it has {0} bytes instead of {1}', formatNumber(size), formatNumber(bytes)),
      });
    else if (!hash) result.withoutHash.push(name);
    else {
      const hex = await hashFile(path, hash.algorithm, { onBytes: done => onBytes(before + done) });
      if (hex !== hash.hex) result.problems.push({ file: name, what: t('its content has changed') });
    }
    before += bytes;
    onBytes(before);
  }
  return { ...result, ok: result.problems.length === 0 };
}
