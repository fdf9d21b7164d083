// Measures llama.cpp's own WebGPU backend (compiled to WebAssembly for browsers) on Dawn for Node. Its Node.js needs JSPI
// and Memory64, and two globals a browser would have. One thread, no worker. The last line of stdout is JSON.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
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
  },
});
const [prefill, decode, runs] = [values.prefill, values.decode, values.runs].map(Number);
/** It waits 30 s for the device and then aborts the process: 512 tokens at once take one software core longer. */
const microBatch = 128;

const require = createRequire(join(peersDirectory, 'package.json'));
const { create, globals } = await import(pathToFileURL(require.resolve('webgpu')).href);
Object.assign(globalThis, globals);
// Dawn aborts the process when its instance is collected.
const gpu = (globalThis.dawn = create([]));
Object.defineProperty(globalThis.navigator, 'gpu', { value: gpu, configurable: true });
globalThis.window = globalThis;
const fetchUrl = globalThis.fetch;
globalThis.fetch = async (url, ...rest) =>
  String(url).startsWith('file:')
    ? new Response(readFileSync(new URL(url)), { headers: { 'content-type': 'application/wasm' } })
    : fetchUrl(url, ...rest);

const name = '@fugood/node-llama-wasm';
const folder = dirname(require.resolve(`${name}/package.json`));
const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const llama = await import(pathToFileURL(join(folder, 'index.js')).href);
const bytes = readFileSync(values.model);
const context = await llama.loadModel({
  model: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  n_ctx: prefill + decode + 256,
  n_batch: 512,
  n_ubatch: microBatch,
  n_parallel: 1,
  n_gpu_layers: 999,
  flash_attn_type: 'off',
  wasm: { worker: false, cacheDownloads: false },
});
const rates = { prefill: [], decode: [] };
// The first run builds the pipelines.
for (let run = 0; run <= runs; run++) {
  const { speedPp, speedTg } = await context.bench(prefill, decode, 1, 1);
  process.stderr.write(`run ${run}: prefill ${speedPp}, decode ${speedTg} tokens/s\n`);
  if (run === 0) continue;
  rates.prefill.push(speedPp);
  rates.decode.push(speedTg);
}
const { info } = await gpu.requestAdapter();
process.stdout.write(
  `${JSON.stringify({
    peer: `llama.cpp WebGPU (${name} ${version})`,
    device: info.description || info.device,
    runs,
    prefill_tps: median(rates.prefill),
    prefill_tps_range: range(rates.prefill),
    decode_tps: median(rates.decode),
    decode_tps_range: range(rates.decode),
  })}\n`,
);
process.exit(0);
