// The files to measure: the embedded model, benchmark models made on demand, or any file.
import { existsSync, mkdirSync } from 'node:fs';
import { basename } from 'node:path';
import { say, SetupError } from '../setup/command.mjs';
import { nodePath } from '../setup/places.mjs';
import { modelNames } from './options.mjs';
import { benchProgram, embeddedModel, modelsDirectory } from './places.mjs';
import { measure } from './process.mjs';

/** One entry a file: `{ name, path }`, and of made ones `{ parameters, parametersPerToken, config }`. */
export async function findModels(names, types) {
  const models = [];
  for (const name of names) {
    if (name === 'embedded') models.push({ name, path: embeddedModel });
    else if (modelNames.includes(name)) for (const type of types) models.push(await made(name, type));
    else if (existsSync(name)) models.push({ name: basename(name), path: name });
    else throw new SetupError(`There is no model ${name}; those made here are ${modelNames.join(', ')}.`);
  }
  return models;
}

async function made(name, type) {
  mkdirSync(modelsDirectory, { recursive: true });
  say(`benchmark model ${name} ${type}`);
  const args = ['make', '--name', name, '--type', type.toUpperCase(), '--directory', modelsDirectory];
  const { value, failed } = await measure('make', nodePath, [benchProgram, ...args]);
  if (failed) throw new SetupError(`The benchmark model ${name} could not be made: ${failed}`);
  return { ...value, name: `${name} ${type}` };
}
