// From a path the user gave to an opened model: decides what the path is, and says clearly when it is nothing usable.
import { readdir, stat } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';
import { errors } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';
import type { Checkpoint } from './checkpoint.ts';
import { openGguf } from './gguf.ts';
import { RangedFile } from './ranged_file.ts';
import { safetensorsIndexName } from './safetensors.ts';
import { openSafetensorsDirectory } from './safetensors_directory.ts';

/**
 * Opens a model: a `.gguf` file (any part of a split one), a safetensors directory, or a file inside one.
 * Reads headers and configuration only. Throws fileUnreadable, badCheckpoint or missingTensor.
 */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  const absolute = resolve(path);
  const kind = await stat(absolute).catch((cause: unknown) => {
    throw errors.fileUnreadable(absolute, cause);
  });
  if (kind.isDirectory()) return openDirectory(absolute);
  const extension = extname(absolute).toLowerCase();
  if (extension === '.safetensors') return openDirectory(dirname(absolute));
  if (extension === '.gguf' || (await startsLikeGguf(absolute))) return openGguf(absolute);
  throw errors.noCheckpoint(absolute, phrase`it is neither a GGUF file nor part of a safetensors directory`);
}

async function openDirectory(path: string): Promise<Checkpoint> {
  const names = await readdir(path).catch((cause: unknown) => {
    throw errors.fileUnreadable(path, cause);
  });
  const gguf = names.find(name => name.toLowerCase().endsWith('.gguf'));
  const hasWeights = names.includes('model.safetensors') || names.includes(safetensorsIndexName);
  if (!hasWeights && gguf !== undefined)
    throw errors.noCheckpoint(
      path,
      phrase`it is a directory of GGUF files; choose one of them, such as ${join(path, gguf)}`,
    );
  if (!names.includes('config.json'))
    throw errors.noCheckpoint(path, phrase`the directory has no config.json`);
  if (!hasWeights)
    throw errors.noCheckpoint(
      path,
      phrase`the directory has neither model.safetensors nor ${safetensorsIndexName}`,
    );
  return openSafetensorsDirectory(path);
}

async function startsLikeGguf(path: string): Promise<boolean> {
  const file = await RangedFile.open(path);
  try {
    const start = new Uint8Array(Math.min(4, file.byteLength));
    await file.read(0, start);
    return new TextDecoder().decode(start) === 'GGUF';
  } finally {
    await file.close();
  }
}
