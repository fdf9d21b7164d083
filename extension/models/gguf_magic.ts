// The bytes that every GGUF file begins with.
import { open } from 'node:fs/promises';
import { errors } from '../../engine/protocol/errors.ts';
import { phrase } from '../../engine/protocol/phrase.ts';
import { modelErrors } from './errors.ts';

const magic = 'GGUF';
export const ggufMagicBytes = magic.length;

/** Whether `bytes` begin like a GGUF file. */
export function hasGgufMagic(bytes: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(bytes.subarray(0, ggufMagicBytes)) === magic;
}

/** Throws notAModel, which calls the file `name`, when a file does not begin like a GGUF file; else fileUnreadable. */
export async function checkGgufMagic(path: string, name = path): Promise<void> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw errors.fileUnreadable(path, cause);
  });
  try {
    const start = Buffer.alloc(ggufMagicBytes);
    await file.read(start, 0, ggufMagicBytes, 0);
    if (!hasGgufMagic(start)) throw modelErrors.notAModel(name, phrase`it does not begin like a GGUF file`);
  } finally {
    await file.close();
  }
}
