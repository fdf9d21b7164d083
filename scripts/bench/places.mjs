// Where the benchmark keeps its models, the peers and what they compile.
import { join } from 'node:path';
import { root, toolsDirectory } from '../setup/places.mjs';

/** Benchmark models, made when first wanted. */
export const modelsDirectory = join(toolsDirectory, 'bench');
/** Engines of other checkouts, built to be compared with. */
export const againstDirectory = join(modelsDirectory, 'against');
/** npm packages of the peers: never among the product's. */
export const peersDirectory = join(toolsDirectory, 'peers');
/** Mesa's compiled shaders: llama.cpp's Vulkan kernels take up to half an hour the first time on a software device. */
export const shaderCache = join(peersDirectory, 'mesa');

export const engineProgram = join(root, 'dist', 'engine.mjs');
/** Built from test/bench: model maker, kernel figures, growth figures. */
export const benchProgram = join(root, 'dist', 'bench', 'main.mjs');
export const embeddedModel = join(root, 'media', 'model', 'hearth-tiny', 'hearth-tiny-q8_0.gguf');
/** Logits of the embedded model that are known; the engine checks devices by them. */
export const goldenLogits = join(root, 'media', 'model', 'hearth-tiny', 'hearth-tiny-logits.json');
/** A model with every tensor of its answers known. */
export const goldenFixture = join(root, 'test', 'golden', 'fixtures', 'default');
