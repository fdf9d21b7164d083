// `logits`: float32 logits of every position of a token sequence, written to a file as [T, vocab], little-endian.
import { access, constants, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DeltaVariant } from '../model/layers/gated_delta_net.ts';
import type { LoadedModel } from '../model/load.ts';
import { errors } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';
import { withModel, type ModelLoading } from './with_model.ts';

/** chunked and recurrent read in batches with that variant of the delta rule; step reads token by token. */
export type LogitsMode = DeltaVariant | 'step';

/** Throws badUsage for no ids, contextFull, badParams for ids outside the vocabulary, fileUnwritable when `out` cannot be written. */
export async function runLogits({
  model: path,
  load,
  ids,
  out,
  mode,
}: {
  model: string;
  load?: ModelLoading;
  ids: number[];
  out: string;
  mode: LogitsMode;
}): Promise<void> {
  if (ids.length === 0) throw errors.badUsage(phrase`--ids holds no token ids.`);
  const unwritable = (cause: unknown): never => {
    throw errors.fileUnwritable(out, cause);
  };
  // Found out before minutes of computing.
  await access(out, constants.W_OK)
    .catch(() => access(dirname(out), constants.W_OK))
    .catch(unwritable);
  const read = async (model: LoadedModel): Promise<Float32Array<ArrayBuffer>> => {
    const sequence = await model.createSequence();
    const batch = mode === 'step' ? 1 : model.batchTokensMax;
    const all = new Float32Array(ids.length * model.vocabularySize);
    for (let from = 0; from < ids.length; from += batch)
      all.set(
        await model.forward(sequence, ids.slice(from, from + batch), 'all', {
          delta: mode === 'step' ? 'recurrent' : mode,
        }),
        from * model.vocabularySize,
      );
    return all;
  };
  // What is compared with a reference is computed without rounded keys and values.
  const logits = await withModel(path, read, { ...load, kvFormat: 'f32' });
  await writeFile(out, new Uint8Array(logits.buffer)).catch(unwritable);
}
