// Measures llama.cpp as a Node.js user gets it (node-llama-cpp), on Vulkan or on the CPU. The last line of stdout is JSON.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { peersDirectory } from './places.mjs';
import { median, range } from './statistics.mjs';

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    prefill: { type: 'string' },
    decode: { type: 'string' },
    runs: { type: 'string' },
    threads: { type: 'string' },
    gpu: { type: 'string' },
  },
});
const [prefill, decode, runs] = [values.prefill, values.decode, values.runs].map(Number);
const wanted = values.gpu === 'vulkan' ? 'vulkan' : false;

const require = createRequire(join(peersDirectory, 'package.json'));
const name = 'node-llama-cpp';
const entry = require.resolve(name);
const { version } = JSON.parse(readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8'));
const { getLlama } = await import(pathToFileURL(entry).href);
const llama = await getLlama({
  gpu: wanted,
  build: 'never',
  skipDownload: true,
  maxThreads: 0,
  logger: (level, text) => process.stderr.write(`${level}: ${text}\n`),
});
const devices = wanted ? await llama.getGpuDeviceNames() : [];
// It falls back to the CPU without a word when it finds no device to its liking.
if (wanted && (llama.gpu !== wanted || devices.length === 0)) throw new Error('it found no Vulkan device');
const model = await llama.loadModel({
  modelPath: values.model,
  gpuLayers: wanted ? 'max' : 0,
  ignoreMemorySafetyChecks: true,
});
const context = await model.createContext({
  contextSize: prefill + decode + 256,
  batchSize: 512,
  sequences: 1,
  threads: Number(values.threads),
  flashAttention: 'auto',
  ignoreMemorySafetyChecks: true,
});
const sequence = context.getSequence();
const vocabulary = model.fileInfo.metadata.tokenizer.ggml.tokens.length - 64;
const rates = { prefill: [], decode: [] };
// The first run compiles and warms up.
for (let run = 0; run <= runs; run++) {
  await sequence.clearHistory();
  const ids = Array.from({ length: prefill }, (_, i) => (i * 7919 + 13 + run) % vocabulary);
  let started = performance.now();
  await sequence.evaluateWithoutGeneratingNewTokens(ids);
  const prefillMs = performance.now() - started;
  let made = 0;
  // One token more: the first needs the token after the prompt to be read before the clock starts.
  for await (const _ of sequence.evaluate([1], { temperature: 0, yieldEogToken: true })) {
    if (made++ === 0) started = performance.now();
    if (made > decode) break;
  }
  const decodeMs = performance.now() - started;
  process.stderr.write(`run ${run}: prefill ${prefillMs} ms, decode ${decodeMs} ms\n`);
  if (run === 0) continue;
  rates.prefill.push((prefill * 1000) / prefillMs);
  rates.decode.push((decode * 1000) / decodeMs);
}
process.stdout.write(
  `${JSON.stringify({
    peer: `${name} ${version}`,
    device: wanted ? devices.join(', ') : cpus()[0]?.model,
    runs,
    prefill_tps: median(rates.prefill),
    prefill_tps_range: range(rates.prefill),
    decode_tps: median(rates.decode),
    decode_tps_range: range(rates.decode),
  })}\n`,
);
process.exit(0);
