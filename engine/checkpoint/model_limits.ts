// What a model's makers say of it beyond its format: `hearth-limits.json` beside its files, if there is one.
import { join } from 'node:path';
import { errors } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';
import { readJsonFile } from './json_file.ts';
import { describeValue } from './describe_value.ts';

/** Limits of use; unset fields set none. */
export interface ModelLimits {
  /** Most tokens of a workspace block: what the model was trained to look through may be less than its context. */
  workspaceTokensMax?: number;
}

export const modelLimitsName = 'hearth-limits.json';
const limitsBytesMax = 4_000;

/** The limits in a model's folder; none when it has no such file. Throws fileUnreadable, or badCheckpoint naming the field. */
export async function readModelLimits(directory: string): Promise<ModelLimits> {
  const path = join(directory, modelLimitsName);
  const found = (await readJsonFile(path, limitsBytesMax)) ?? {};
  const { workspaceTokensMax, ...others } = found;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw errors.badCheckpoint(path, phrase`it has an unknown field ${describeValue(unknown)}`);
  if (workspaceTokensMax === undefined) return {};
  if (!Number.isSafeInteger(workspaceTokensMax) || (workspaceTokensMax as number) < 1)
    throw errors.badCheckpoint(
      path,
      phrase`its workspaceTokensMax is ${describeValue(workspaceTokensMax)}, not a whole number from 1`,
    );
  return { workspaceTokensMax: workspaceTokensMax as number };
}
