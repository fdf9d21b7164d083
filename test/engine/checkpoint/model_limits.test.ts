// hearth-limits.json beside a model: what it says, that it may be missing, and what is refused.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { modelLimitsName, readModelLimits } from '../../../engine/checkpoint/model_limits.ts';
import { embeddedModelPath } from '../../support/embedded_model.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';
import { fixturePath } from '../../support/golden.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

function folderWith(text: string): string {
  const folder = temporaryDirectory();
  writeFileSync(join(folder, modelLimitsName), text);
  return folder;
}

test('says how large a workspace block may be, or nothing', async () => {
  expect(await readModelLimits(folderWith('{ "workspaceTokensMax": 2048 }'))).toEqual({
    workspaceTokensMax: 2048,
  });
  expect(await readModelLimits(folderWith('{}'))).toEqual({});
  expect(await readModelLimits(temporaryDirectory())).toEqual({});
});

test.each<[string, string]>([
  [embeddedModelPath, 'number'],
  [fixturePath('gguf_legacy', 'model.gguf'), 'undefined'],
  [fixturePath('default'), 'undefined'],
])('belongs to the checkpoint: %s', async (path, type) => {
  const checkpoint = await openCheckpoint(path);
  expect(typeof (await checkpoint.limits()).workspaceTokensMax).toBe(type);
  await checkpoint.close();
});

test.each([
  ['4096', /is not a JSON object/],
  ['{ "workspaceTokensMax": 4096', /is not JSON/],
  ['{ "workspaceTokensMax": "4096" }', /its workspaceTokensMax is "4096", not a whole number from 1/],
  ['{ "workspaceTokensMax": 0 }', /its workspaceTokensMax is 0/],
  ['{ "workspaceTokensMax": 0.5 }', /its workspaceTokensMax is 0\.5/],
  ['{ "workspaceTokensMax": null }', /its workspaceTokensMax is null/],
  ['{ "workspaceTokens": 4096 }', /it has an unknown field "workspaceTokens"/],
])('is refused by name: %s', async (text, reason) => {
  const error = await hearthErrorOf(() => readModelLimits(folderWith(text)));
  expect(error.code).toBe('badCheckpoint');
  expect(error.message).toContain(modelLimitsName);
  expect(error.message).toMatch(reason);
});
