// Damaged and hostile model files of every kind end in success or a named error: quickly, in little memory, whatever they
// hold. See suite.ts for more cases, other cases and one failing job again.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryDirectory } from '../support/temporary_directory.ts';
import { FuzzRunner, type JobInput, type JobResult } from './runner.ts';
import { cases, failures, outcomesByKind, plannedJobs } from './suite.ts';

/** Its cases reach an outcome that few do, "fit: badTokenizer". */
const rare: JobInput = { kind: 'tokenizer files', seed: 1_000_012, runs: 50 };

const directory = temporaryDirectory();
let runner: FuzzRunner;
let results: JobResult[];

beforeAll(async () => {
  runner = await FuzzRunner.start({ directory });
  results = await runner.run(plannedJobs(runner.kinds, cases, 50, [rare]));
});
afterAll(() => runner.close());

test('every case ends in success or a named error', () => {
  expect(failures(results)).toEqual([]);
});

test('cases get as far as the last step, and every step refuses some', () => {
  const kinds = outcomesByKind('files', results);
  if (!kinds) return;
  for (const [kind, outcomes] of Object.entries(kinds)) {
    expect(outcomes, kind).toHaveProperty('open: ok');
    const refused = Object.keys(outcomes).filter(outcome => !outcome.endsWith(': ok'));
    expect(refused, kind).not.toEqual([]);
  }
  expect(Object.keys(Object.assign({}, ...Object.values(kinds)) as object)).toEqual(
    expect.arrayContaining([
      ...['badCheckpoint', 'fileUnreadable', 'missingTensor'].map(code => `open: ${code}`),
      ...['ok', 'badCheckpoint', 'missingTensor', 'unsupportedArchitecture'].map(code => `plan: ${code}`),
      ...['ok', 'badCheckpoint'].map(code => `sampling: ${code}`),
      ...['tokenizer', 'fit', 'own template'].flatMap(step => [`${step}: ok`, `${step}: badTokenizer`]),
      // What a template refuses is said in the form of the family.
      ...['template', 'prompt'].map(step => `${step}: ok`),
    ]),
  );
});
