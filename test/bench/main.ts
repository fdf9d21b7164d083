// The part of `npm run bench` that needs the engine's own modules; scripts/bench builds and runs it. Prints one line of JSON.
//   make --name NAME --type TYPE --directory DIR      a benchmark model, kept there
//   kernels --model FILE --batch N [--adapter NAME]   time and share of the peak of every kernel
//   dispatches                                   kernels of a token for files that mix storage types
//   growth --name NAME --directory DIR --contexts 512,1024,…      cost of a token at each context
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withModel } from '../../engine/cli/with_model.ts';
import { keptModel } from './kept_model.ts';
import { growthFigures } from './growth_figures.ts';
import { kernelFigures } from './kernel_figures.ts';
import { modelShapes, type ModelName } from './model_shapes.ts';
import { mixedDispatches } from './mixed_dispatches.ts';
import { matrixTypes } from './model_tensors.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    name: { type: 'string', default: 'small' },
    type: { type: 'string', default: 'Q8_0' },
    model: { type: 'string', default: '' },
    contexts: { type: 'string', default: '512,1024,2048' },
    batch: { type: 'string', default: '128' },
    directory: { type: 'string', default: '.' },
    adapter: { type: 'string' },
  },
});

async function run(command: string | undefined): Promise<unknown> {
  switch (command) {
    case 'make':
      return keptModel(
        oneOf(Object.keys(modelShapes) as ModelName[], values.name),
        oneOf(matrixTypes, values.type),
        values.directory,
      );
    case 'kernels':
      return withModel(values.model, model => kernelFigures(model, Number(values.batch)), {
        device: { adapter: values.adapter },
      });
    case 'dispatches': {
      const directory = mkdtempSync(join(tmpdir(), 'hearth-mixes-'));
      try {
        return await mixedDispatches(directory);
      } finally {
        rmSync(directory, { recursive: true });
      }
    }
    case 'growth': {
      const name = oneOf(Object.keys(modelShapes) as ModelName[], values.name);
      const { path } = await keptModel(name, 'Q8_0', values.directory);
      const contexts = values.contexts.split(',').map(Number);
      return withModel(path, model => growthFigures(model, modelShapes[name], contexts));
    }
    default:
      throw new Error(`there is no command "${command}"`);
  }
}

function oneOf<T extends string>(allowed: readonly T[], value: string): T {
  const found = allowed.find(one => one === value);
  if (found === undefined) throw new Error(`"${value}" is none of ${allowed.join(', ')}`);
  return found;
}

process.stdout.write(`${JSON.stringify(await run(positionals[0]))}\n`);
