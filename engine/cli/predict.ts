// `predict`: how fast a model will be on a device, and how much memory it takes there, from counted bytes, operations, launches and
// workgroups; neither the device nor the weights need to be there. With --fit: measures the device at hand and writes its description.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { openCheckpoint } from '../checkpoint/open_checkpoint.ts';
import { mediaFile } from '../checkpoint/package_media.ts';
import { readModelConfig } from '../model/config/config.ts';
import { CountedModel, type PredictedDevice } from '../prediction/count_model.ts';
import { fitDevice } from '../prediction/fit_device.ts';
import { shapeCheckpoint } from '../prediction/shape_checkpoint.ts';
import { specifiedDevice } from '../prediction/specified_device.ts';
import { errors } from '../protocol/errors.ts';
import { limits } from '../protocol/limits.ts';
import { phrase } from '../protocol/phrase.ts';
import { parseCatalogue } from '../shared/architecture/catalogue.ts';
import { storageMix } from '../shared/architecture/storage_mixes.ts';
import { predictMs, predictPromptMs, totalWork } from '../shared/prediction/device_model.ts';
import { specificationOf, specifications } from '../shared/prediction/specifications.ts';
import { readDevice, writeDevice } from './device_file.ts';
import { withModel, type ModelLoading } from './with_model.ts';

export interface PredictOptions {
  /** A file with a description, or the name of a listed device. */
  device: string;
  /** A model of the catalogue by its id, a .gguf file or a folder. */
  model: string;
  /** Of a model of the catalogue; unset: as it is offered first. */
  quantization?: string | undefined;
  /** Tokens before those that are predicted. */
  context: number;
  /** Tokens of the prompt that is read after them. */
  prefill: number;
  json: boolean;
}

/** Everything that is predicted. */
export interface Prediction {
  device: string;
  model: string;
  quantization: string;
  context_tokens: number;
  prefill_tokens: number;
  prefill_tps: number;
  prefill_ms: number;
  decode_tps: number;
  dispatches_per_token: number;
  bytes_per_token: number;
  operations_per_token: number;
  /** Rows of the prompt's largest batch. */
  batch_rows: number;
  weights_bytes: number;
  working_set_bytes: number;
  /** State, keys and values of one text with so much context, prompt and answer. */
  text_bytes: number;
}

/** Prints the prediction as lines or as JSON. Throws badUsage for a device or a model that is not known. */
export async function runPredict(options: PredictOptions): Promise<void> {
  const result = await predictFor(options.device, options.model, options);
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else for (const line of lines(result)) process.stdout.write(`${line}\n`);
}

/** The prediction for a device and a model as the command line names them. Throws badUsage for one that is not known. */
export async function predictFor(
  device: string,
  model: string,
  options: Pick<PredictOptions, 'quantization' | 'context' | 'prefill'>,
): Promise<Prediction> {
  const known = await deviceOf(device);
  const checkpoint = await modelOf(model, options.quantization);
  try {
    return await predict(checkpoint, known, options);
  } finally {
    await checkpoint.close();
  }
}

/** Measures the device at hand with a model, and writes its description. */
export async function runFit({
  device: path,
  model,
  load,
}: {
  device: string;
  model: string;
  load: ModelLoading;
}): Promise<void> {
  const device = await withModel(model, loaded => fitDevice(loaded), load);
  await writeDevice(path, device);
  process.stdout.write(`${device.name}: ${path}\n`);
}

/** Counts and predicts. Throws contextFull for more tokens than the model's context can be stretched to. */
export async function predict(
  checkpoint: Checkpoint,
  device: PredictedDevice,
  { context, prefill }: Pick<PredictOptions, 'context' | 'prefill'>,
): Promise<Prediction> {
  const { contextTokens: own } = readModelConfig(checkpoint);
  const tokens = context + prefill + 1;
  const stretch = tokens / own;
  if (stretch > limits.yarnFactorMax) throw errors.contextFull(tokens, own * limits.yarnFactorMax);
  const counted = await CountedModel.plan(checkpoint, device, stretch > 1 ? { yarnFactor: stretch } : {});
  try {
    const prompt = await counted.prompt(context, prefill);
    const { counted: step, memory } = await counted.step(context + prefill);
    const prefillMs = predictPromptMs(device, prompt);
    const { operations, bytes } = totalWork(step);
    return {
      device: device.name,
      model: checkpoint.path,
      quantization: counted.model.facts.quantization,
      context_tokens: context,
      prefill_tokens: prefill,
      prefill_tps: (1000 * prefill) / prefillMs,
      prefill_ms: prefillMs,
      decode_tps: 1000 / predictMs(device, 'step', step),
      dispatches_per_token: step.kernels.length,
      bytes_per_token: bytes,
      operations_per_token: operations,
      batch_rows: Math.max(...prompt.batches.map(({ counted: { rows } }) => rows)),
      weights_bytes: memory.weights,
      working_set_bytes: memory.workingSet,
      text_bytes: memory.text,
    };
  } finally {
    counted.dispose();
  }
}

/** The device that a file describes, or that is listed by this name. */
async function deviceOf(named: string): Promise<PredictedDevice> {
  if (existsSync(named)) return readDevice(named);
  const listed = specifications.find(({ name }) => name === named) ?? specificationOf(named);
  if (listed) return specifiedDevice(listed);
  const names = specifications.map(({ name }) => `"${name}"`).join(', ');
  throw errors.badUsage(
    phrase`--device: there is no file "${named}", and no such device is listed: ${names}. engine -- predict --fit --device FILE measures one.`,
  );
}

/** A file or a folder; or, by its id, a model of the catalogue, of which nothing needs to be there. The caller closes it. */
export async function modelOf(named: string, quantization?: string): Promise<Checkpoint> {
  if (existsSync(named)) {
    if (quantization !== undefined)
      throw errors.badUsage(phrase`--quantization is for models of the catalogue; a file says it itself.`);
    return openCheckpoint(named);
  }
  const path = mediaFile('catalogue.json');
  const catalogue = path === undefined ? [] : parseCatalogue(await readFile(path, 'utf8'), path);
  const entry = catalogue.find(({ id }) => id === named);
  if (!entry)
    throw errors.badUsage(
      phrase`--model: there is no file "${named}", and no such model in the catalogue: ${catalogue.map(({ id }) => id).join(', ')}.`,
    );
  const wanted = quantization ?? entry.defaultVariant;
  const mix = storageMix(wanted);
  if (!mix)
    throw errors.badUsage(
      phrase`--quantization: how "${wanted}" stores a model is not known; give its file.`,
    );
  return shapeCheckpoint({ ...entry, name: `${entry.id} ${wanted}` }, mix);
}

/** For a person: every figure is a prediction. */
function lines(p: Prediction): string[] {
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(bytes < 1e9 ? 3 : 1)} GB`;
  const seconds = (ms: number): string =>
    ms < 10_000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(0)} s`;
  const all = p.weights_bytes + p.working_set_bytes + p.text_bytes;
  return [
    `Predicted, not measured: ${p.model} (${p.quantization}) on ${p.device}`,
    `prompt of ${p.prefill_tokens} after ${p.context_tokens}: ${p.prefill_tps.toFixed(1)} tokens/s, ${seconds(p.prefill_ms)}, in batches of ${p.batch_rows}`,
    `answer after ${p.context_tokens + p.prefill_tokens}: ${p.decode_tps.toFixed(1)} tokens/s`,
    `a token: ${p.dispatches_per_token} kernels, ${gigabytes(p.bytes_per_token)}, ${(p.operations_per_token / 1e9).toFixed(1)} GFLOP`,
    `memory: ${gigabytes(all)}: weights ${gigabytes(p.weights_bytes)}, working set ${gigabytes(p.working_set_bytes)}, the text ${gigabytes(p.text_bytes)}`,
  ];
}
