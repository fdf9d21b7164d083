// What a user could run instead, each measured on the same file and machine. A peer that cannot be measured gives its reason.
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { say } from '../setup/command.mjs';
import { nodePath, root } from '../setup/places.mjs';
import { installPeers, peerRuntime } from './peer_packages.mjs';
import { shaderCache } from './places.mjs';
import { measure } from './process.mjs';

const script = name => join(root, 'scripts', 'bench', name);

/** Key in the results -> how it is measured. */
const peers = {
  webgpu: (model, work) => node(peerRuntime(), 'webgpu', 'peer_llama_webgpu.mjs', model, [], work),
  vulkan: (model, work) => {
    say('the first Vulkan run on a software device compiles shaders for up to half an hour; they are kept');
    return nodeLlama('vulkan', model, work, {
      // A CPU-type device is passed over unless it is named.
      env: { GGML_VK_VISIBLE_DEVICES: '0' },
      // Its waiting thread spins: on the core of the device it would take the device's time.
      pin: false,
    });
  },
  cpu: (model, work) => nodeLlama('cpu', model, work),
  torch: (model, work) => torch(model, work),
};

/**
 * Runs the named peers on `model` ({ path, config? }) one after the other; `work` holds prefill, decode, runs, core and
 * limitMinutes. Returns { name: figures | { failed } }.
 */
export async function runPeers(names, model, work) {
  const results = {};
  for (const name of names) {
    say(`measuring ${name}`);
    try {
      if (name !== 'torch') await installPeers();
      const { value, failed } = await peers[name](model, work);
      results[name] = value ?? { failed };
    } catch (error) {
      results[name] = { failed: error.message };
    }
  }
  return results;
}

function nodeLlama(gpu, model, work, options) {
  return node(
    nodePath,
    gpu,
    'peer_node_llama_cpp.mjs',
    model,
    ['--gpu', gpu, '--threads', threads(work)],
    work,
    options,
  );
}

function node(
  program,
  name,
  file,
  model,
  extra,
  { prefill, decode, runs, core, limitMinutes },
  { env, pin } = {},
) {
  const numbers = Object.entries({ prefill, decode, runs }).flatMap(([key, value]) => [
    `--${key}`,
    String(value),
  ]);
  return measure(name, program, [script(file), '--model', model.path, ...numbers, ...extra], {
    core,
    pin,
    limitMinutes,
    env: { MESA_SHADER_CACHE_DIR: shaderCache, ...env },
  });
}

async function torch(model, work) {
  if (!model.config) return { failed: 'only for the benchmark models: it is built from their sizes' };
  const python = ['python3', 'python'].find(
    name => spawnSync(name, ['-c', 'import torch, transformers'], { stdio: 'ignore' }).status === 0,
  );
  if (!python) return { failed: 'there is no Python with torch and transformers' };
  const numbers = [work.prefill, work.decode, work.runs, threads(work)].map(String);
  return measure('torch', python, [script('peer_torch.py'), JSON.stringify(model.config), ...numbers], work);
}

function threads({ core }) {
  return String(core === undefined ? availableParallelism() : 1);
}
