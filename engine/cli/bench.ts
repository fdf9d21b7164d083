// `bench`: prefill and decode speed of a model on this device, medians of several runs after a warm-up.
import { rightDrafts } from '../model/decode_steps.ts';
import type { LoadedModel } from '../model/load.ts';
import type { Qwen3NextSequence } from '../model/sequence/sequence.ts';
import type { Gpu } from '../gpu/device.ts';
import { DeviceTimer } from '../gpu/device_timer.ts';
import { processorMs } from '../prediction/clocks.ts';
import { errors } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';
import { bytesPerToken } from '../model/bytes_per_token.ts';
import { predictFor } from './predict.ts';
import { argmax } from './verify_fixture.ts';
import { withModel, type ModelLoading } from './with_model.ts';

export interface BenchOptions {
  model: string;
  load?: ModelLoading;
  /** Tokens of the prompt that is timed. */
  prefill: number;
  /** Tokens decoded after it. */
  decode: number;
  /** Tokens read before, not timed. */
  context: number;
  /** Timed runs, after one that warms up. */
  runs: number;
  /** Drafts a step by the MTP block. */
  drafts: number;
  json: boolean;
  /** A file with a description of the device: what it predicts stands beside what is measured. */
  device?: string | undefined;
}

export interface BenchResult {
  device: string;
  model: string;
  quantization: string;
  prefill_tokens: number;
  decode_tokens: number;
  context_tokens: number;
  runs: number;
  drafts: number;
  /** Drafts that were right, a step; null without drafts. */
  draft_accepted_per_step: number | null;
  load_ms: number;
  prefill_tps: number;
  /** Slowest and fastest run. */
  prefill_tps_range: [number, number];
  decode_tps: number;
  decode_tps_range: [number, number];
  /** By the processor time of this process, which other programs do not add to: on a software device held to one core. */
  prefill_processor_tps: number;
  decode_processor_tps: number;
  /** By the description of the device that was given; null without one. */
  prefill_predicted_tps: number | null;
  decode_predicted_tps: number | null;
  /** Prompt to first token's logits. */
  ttft_ms: number;
  /** The device's own time, by timestamps: of the prompt, and of one decoded token. Null on a device without timestamps. */
  prefill_device_ms: number | null;
  decode_device_ms_per_token: number | null;
  /** Of a decoded token, drafts that were right counted as such: kernels, submissions, waits of the host for what was picked. */
  dispatches_per_token: number;
  submissions_per_token: number;
  waits_per_token: number;
  /** Waits in which the device had nothing to do after what was waited for. */
  idle_waits_per_token: number;
  /** Recording the commands of one token, median. */
  host_encode_us_per_token: number;
  /** Weights read for one token with every chosen expert counted once, recurrent state read and written, KV read. */
  bytes_per_token: number;
}

/** Prints a table, or JSON. */
export async function runBench(options: BenchOptions): Promise<void> {
  const { device, model: path } = options;
  if (device !== undefined && options.drafts > 0)
    throw errors.badUsage(phrase`A prediction is of steps without drafts: leave out --device or --draft.`);
  const predicted = device === undefined ? undefined : await predictFor(device, path, options);
  const result = await withModel(
    options.model,
    async (model, loadMs) => ({
      ...(await measure(model, loadMs, options)),
      prefill_predicted_tps: predicted?.prefill_tps ?? null,
      decode_predicted_tps: predicted?.decode_tps ?? null,
    }),
    {
      ...options.load,
      mtp: options.drafts > 0,
    },
  );
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else
    for (const [name, value] of Object.entries(result))
      process.stdout.write(
        `${name.padEnd(24)} ${[value]
          .flat()
          .map(one => (typeof one === 'number' ? +one.toFixed(2) : String(one)))
          .join(' … ')}\n`,
      );
}

async function measure(
  model: LoadedModel,
  loadMs: number,
  { prefill, decode, context, runs, drafts, model: path }: BenchOptions,
): Promise<Omit<BenchResult, 'prefill_predicted_tps' | 'decode_predicted_tps'>> {
  if (drafts > model.draftsMax)
    throw errors.badUsage(
      model.draftsMax > 0
        ? phrase`--draft: at most ${model.draftsMax}, not ${drafts}.`
        : phrase`--draft: this model has no MTP block to draft with.`,
    );
  if (context + prefill + decode + drafts > model.contextTokensMax)
    throw errors.contextFull(context + prefill + decode, model.contextTokensMax);
  const ids = Array.from({ length: context + prefill }, (_, i) => (i * 7919 + 13) % model.vocabularySize);
  const work = { context: ids.slice(0, context), prompt: ids.slice(context), decode, drafts };
  // The first run compiles and warms up.
  await runOnce(model, work);
  const counted: Run[] = [];
  for (let run = 0; run < runs; run++) counted.push(await runOnce(model, work));
  // Timestamps cost the host, so the device's own time is measured apart.
  const timer = DeviceTimer.create(model.gpu);
  const timed = timer && (await runOnce(model, work, timer));
  timer?.dispose();
  const prefillMs = counted.map(run => run.prefillMs);
  const decodeMs = counted.map(run => run.decodeMs);
  const encodeUs = counted.flatMap(run => run.encodeUs);
  const accepted = counted.reduce((sum, run) => sum + run.accepted, 0);
  return {
    device: model.gpu.facts.name,
    model: path,
    quantization: model.facts.quantization,
    prefill_tokens: prefill,
    decode_tokens: decode,
    context_tokens: context,
    runs,
    drafts,
    draft_accepted_per_step: drafts > 0 ? accepted / encodeUs.length : null,
    load_ms: loadMs,
    prefill_tps: (prefill * 1000) / median(prefillMs),
    prefill_tps_range: rates(prefill, prefillMs),
    decode_tps: (decode * 1000) / median(decodeMs),
    decode_tps_range: rates(decode, decodeMs),
    prefill_processor_tps: (prefill * 1000) / median(counted.map(run => run.prefillProcessorMs)),
    decode_processor_tps: (decode * 1000) / median(counted.map(run => run.decodeProcessorMs)),
    ttft_ms: median(prefillMs),
    prefill_device_ms: timed?.prefillDeviceMs ?? null,
    decode_device_ms_per_token: timed?.decodeDeviceMs ?? null,
    dispatches_per_token: counted[0]?.dispatches ?? 0,
    submissions_per_token: counted[0]?.submissions ?? 0,
    waits_per_token: counted[0]?.waits ?? 0,
    idle_waits_per_token: counted[0]?.idleWaits ?? 0,
    host_encode_us_per_token: median(encodeUs),
    bytes_per_token: bytesPerToken(model, context + prefill + decode),
  };
}

interface Run {
  prefillMs: number;
  prefillProcessorMs: number;
  decodeProcessorMs: number;
  /** Of so many tokens as were asked for; the last step may have given more. */
  decodeMs: number;
  /** Host time of each step. */
  encodeUs: number[];
  /** Drafts that were right. */
  accepted: number;
  /** Of each token: kernels, submissions, waits of the host, and those with nothing left for the device to do. */
  dispatches: number;
  submissions: number;
  waits: number;
  idleWaits: number;
  /** By the device's own clock; undefined without a timer, or for more passes than it can time. */
  prefillDeviceMs?: number | undefined;
  /** Of one token. */
  decodeDeviceMs?: number | undefined;
}

/** Reads `context`, then measures reading the prompt and decoding after it. */
async function runOnce(
  model: LoadedModel,
  {
    context,
    prompt,
    decode,
    drafts,
  }: { context: number[]; prompt: number[]; decode: number; drafts: number },
  timer?: DeviceTimer,
): Promise<Run> {
  const sequence = await model.createSequence();
  try {
    await read(model, sequence, context);
    model.gpu.timer = timer;
    let started = performance.now();
    let startedProcessor = processorMs();
    const logits = await read(model, sequence, prompt);
    const prefillMs = performance.now() - started;
    const prefillProcessorMs = processorMs() - startedProcessor;
    const prefillDeviceMs = await timer?.read();
    const encodeUs: number[] = [];
    let [decoded, accepted] = [0, 0];
    let [id, dispatches] = [argmax(logits), 0];
    const before = deviceUse(model.gpu);
    // As the service does it, and with drafts on a software device too, so that what is counted is counted anywhere.
    const runsAhead = model.parallel || drafts > 0;
    started = performance.now();
    startedProcessor = processorMs();
    while (decoded < decode) {
      const isLast = decoded + drafts + 1 >= decode;
      const ahead = runsAhead && !isLast ? drafts : undefined;
      const step = await model.step(sequence, id, { drafts, logits: false, ahead });
      const right = rightDrafts(step);
      sequence.takeBack(drafts - right);
      id = step.picks[right] as number;
      encodeUs.push(model.encodeUs / (right + 1));
      dispatches += model.dispatchCount;
      accepted += right;
      decoded += right + 1;
    }
    const decodeMs = ((performance.now() - started) * decode) / decoded;
    const decodeProcessorMs = ((processorMs() - startedProcessor) * decode) / decoded;
    const { submissions, waits, idleWaits } = deviceUse(model.gpu);
    const device = await timer?.read();
    return {
      prefillMs,
      decodeMs,
      prefillProcessorMs,
      decodeProcessorMs,
      encodeUs,
      accepted,
      dispatches: dispatches / decoded,
      submissions: (submissions - before.submissions) / decoded,
      waits: (waits - before.waits) / decoded,
      idleWaits: (idleWaits - before.idleWaits) / decoded,
      prefillDeviceMs,
      decodeDeviceMs: device === undefined ? undefined : device / decoded,
    };
  } finally {
    model.gpu.timer = undefined;
    sequence.dispose();
  }
}

/** What the host has asked of the device so far. */
function deviceUse({ submitted, readback }: Gpu): Pick<Run, 'submissions' | 'waits' | 'idleWaits'> {
  return { submissions: submitted, waits: readback.waits, idleWaits: readback.idleWaits };
}

async function read(model: LoadedModel, sequence: Qwen3NextSequence, ids: number[]): Promise<Float32Array> {
  let logits: Float32Array = new Float32Array();
  for (let from = 0; from < ids.length;) {
    const to = from + (await model.batchTokens(ids.length - from));
    const isLast = to === ids.length;
    logits = await model.forward(sequence, ids.slice(from, to), isLast ? 'last' : 'none', { ahead: !isLast });
    from = to;
  }
  return logits;
}

/** Tokens a second of the slowest and the fastest run. */
function rates(tokens: number, ms: readonly number[]): [number, number] {
  return [(tokens * 1000) / Math.max(...ms), (tokens * 1000) / Math.min(...ms)];
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
