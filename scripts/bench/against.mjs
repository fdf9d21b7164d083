// `npm run bench -- --against FOLDER`: an older build of the engine and this one in turns, each run a process of its own.
import { say } from '../setup/command.mjs';
import { engineFigures, firstCharacterMs } from './engine.mjs';
import { findModels } from './models.mjs';
import { otherEngine } from './other_build.mjs';
import { comparisonOf } from './pairs.mjs';
import { engineProgram } from './places.mjs';

/** Everything measured, with a comparison for each model. Throws SetupError. */
export async function measureAgainst({ against, pairs, models: names, types, work }) {
  const programs = { old: await otherEngine(against), now: engineProgram };
  const models = [];
  for (const model of await findModels(names, types))
    models.push(await measureModel(model, programs, { pairs, work }));
  const [{ runs }] = models;
  return {
    date: new Date().toISOString(),
    against,
    device: runs.now[0].device,
    old_device: runs.old[0].device,
    pairs,
    models,
  };
}

async function measureModel(model, programs, { pairs, work }) {
  const run = async side => {
    const figures = await engineFigures(model, work, programs[side]);
    // Only a model that was trained is sure to begin its answer with a whole character.
    if (model.name !== 'embedded') return figures;
    return { ...figures, first_token_ms: await firstCharacterMs(programs[side]) };
  };
  say(`${model.name}: one process of each build, to fill the caches of the driver`);
  for (const side of ['old', 'now']) await run(side);
  const runs = { old: [], now: [] };
  for (let pair = 0; pair < pairs; pair++) {
    say(`${model.name}: pair ${pair + 1} of ${pairs}`);
    // Who goes first changes, so that a machine that grows slower favours nobody.
    for (const side of pair % 2 === 0 ? ['old', 'now'] : ['now', 'old']) runs[side].push(await run(side));
  }
  const count = key => [runs.old[0][key], runs.now[0][key]];
  return {
    name: model.name,
    work,
    comparison: comparisonOf(runs.old, runs.now),
    counts: { kernels: count('dispatches_per_token'), bytes: count('bytes_per_token') },
    runs,
  };
}
