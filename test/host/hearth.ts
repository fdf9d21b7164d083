// The extension as the suites see it, and a wait for what the editor does in its own time.
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { extensions, type Extension } from 'vscode';
import type { activate } from '../../extension/extension.ts';

/** What activate() returns. */
export type HearthApi = Awaited<ReturnType<typeof activate>>;

export function hearth(): Extension<HearthApi> {
  const extension = extensions.getExtension<HearthApi>('hearth.hearth');
  assert.ok(extension, 'the extension is not there');
  return extension;
}

/** Polls until `look` gives a value; generous, because the software GPU is slow. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  limitMs = 240_000,
): Promise<T> {
  for (const endMs = Date.now() + limitMs; Date.now() < endMs; await delay(100)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  return assert.fail(`waited for ${what}`);
}
