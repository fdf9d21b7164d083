// Sizes of a network from the files of a model on this machine, for advice about it.
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { configBytesMax, configFacts, type ConfigFacts } from './config_shape.ts';
import { headBytes } from './gguf_head.ts';
import { ggufFacts } from './gguf_shape.ts';

/** Reads the start of a .gguf file, or the config.json of a folder. Never rejects. */
export async function localFacts(path: string): Promise<ConfigFacts> {
  try {
    return /\.gguf$/i.test(path) ? await factsOfFile(path) : await factsOfFolder(path);
  } catch {
    return { kind: 'unclear' };
  }
}

async function factsOfFile(path: string): Promise<ConfigFacts> {
  const file = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return ggufFacts(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

async function factsOfFolder(path: string): Promise<ConfigFacts> {
  const config = join(path, 'config.json');
  if ((await stat(config)).size > configBytesMax) return { kind: 'unclear' };
  return configFacts(await readFile(config, 'utf8'));
}
