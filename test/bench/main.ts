// The part of `npm run bench` that needs the engine's own modules; scripts/bench builds and runs it. Prints one line of JSON.
//   make --name NAME --type TYPE --out FILE      a benchmark model
import { parseArgs } from 'node:util';
import { makeModel } from './make_model.ts';
import { modelShapes, type ModelName } from './model_shapes.ts';
import { matrixTypes, type MatrixType } from './model_tensors.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    name: { type: 'string', default: 'small' },
    type: { type: 'string', default: 'Q8_0' },
    out: { type: 'string', default: '' },
  },
});

async function run(command: string | undefined): Promise<unknown> {
  switch (command) {
    case 'make':
      return makeModel({
        name: values.name,
        shape: modelShapes[oneOf(Object.keys(modelShapes) as ModelName[], values.name)],
        type: oneOf<MatrixType>(matrixTypes, values.type),
        path: values.out,
      });
    default:
      throw new Error(`no command "${command}"`);
  }
}

function oneOf<T extends string>(allowed: readonly T[], value: string): T {
  const found = allowed.find(one => one === value);
  if (found === undefined) throw new Error(`"${value}" is none of ${allowed.join(', ')}`);
  return found;
}

process.stdout.write(`${JSON.stringify(await run(positionals[0]))}\n`);
