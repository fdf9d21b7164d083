// `npm run bench`: speed of the engine on this device, after known answers have shown that the numbers are right; with --peer
// beside what else a user could run on the same files. `npm run bench -- --help` lists the options.
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { measureAgainst } from './bench/against.mjs';
import { comparisonReport } from './bench/compare.mjs';
import { checkCorrectness } from './bench/correctness.mjs';
import { dispatchFigures, engineFigures, kernelFigures, startFigures } from './bench/engine.mjs';
import { growthTable, measureGrowth, writeGrowth } from './bench/growth.mjs';
import { findModels } from './bench/models.mjs';
import { readOptions, usage } from './bench/options.mjs';
import { againstReport } from './bench/pairs.mjs';
import { runPeers } from './bench/peers.mjs';
import { ratios } from './bench/ratios.mjs';
import { report } from './bench/report.mjs';
import { measureWorkspace } from './bench/workspace.mjs';
import { build } from './build.mjs';
import { say, SetupError } from './setup/command.mjs';
import { runScript, setup } from './setup.mjs';

await runScript(async () => {
  if (process.argv[2] === 'workspace') return measureWorkspace();
  const options = readOptions(process.argv.slice(2));
  if (options.help) return void process.stdout.write(usage);
  const saved = options.compare && readSaved(options.compare);
  await setup({ vulkan: true });
  await build({ only: ['engine', 'bench'] });
  const correctness = await checkCorrectness();
  const measureAll = options.against ? measureAgainst : options.growth ? growth : speed;
  const results = { correctness, ...(await measureAll(options)) };
  if (options.save) writeFileSync(options.save, `${JSON.stringify(results, null, 2)}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify(results)}\n`);
  else if (options.against) process.stdout.write(`${againstReport(results)}\n`);
  else if (!options.growth) process.stdout.write(`${report(results)}\n`);
  if (saved) process.stderr.write(`\n${comparisonReport(saved, results)}\n`);
});

/** Everything but growth, one model after the other. */
async function speed({ models: names, types, work, kernels, peers: peerNames }) {
  const models = [];
  for (const model of await findModels(names, types)) {
    say(`measuring ${model.name}`);
    const engine = await engineFigures(model, work);
    const peers = peerNames.length > 0 ? await runPeers(peerNames, model, work) : undefined;
    models.push({
      name: model.name,
      work,
      parameters: model.parameters,
      parameters_per_token: model.parametersPerToken,
      engine,
      ...(kernels ? { kernels: await kernelFigures(model, work) } : {}),
      ...(peers ? { peers, ratios: ratios(engine, peers) } : {}),
    });
  }
  const [first] = models;
  return {
    date: new Date().toISOString(),
    device: first.engine.device,
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: availableParallelism(),
      platform: `${process.platform}-${process.arch}`,
      node: process.versions.node,
    },
    core: work.core ?? null,
    ...(names.includes('embedded') ? { start: await startFigures() } : {}),
    dispatches: await dispatchFigures(work),
    // Of the first model, so that a run of one is read easily.
    ...(first.ratios ? { ratios: first.ratios } : {}),
    models,
  };
}

async function growth({ longest, work, json }) {
  const measured = await measureGrowth({ longest, ...work });
  const files = writeGrowth(measured);
  if (!json)
    process.stdout.write(
      `device: ${measured.device}\n${growthTable(measured)}\nwritten: ${files.join(', ')}\n`,
    );
  return measured;
}

function readSaved(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new SetupError(`The saved results ${path} cannot be read: ${error.message}`);
  }
}
