// The GPUs of this machine, as the engine's command line lists them: that opens none of them, so it works when one cannot be opened.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import * as z from 'zod';
import type { AdapterName } from '../../engine/protocol/lifecycle.ts';
import { errors } from '../../engine/protocol/errors.ts';
import { cleanEnvironment } from './node_runtime.ts';

/** Drivers of several GPUs are loaded one after another. */
const deadlineMs = 30_000;

const listed = z.object({ adapters: z.array(z.object({ name: z.string(), backend: z.string() })) });

/** In the order in which the engine looks for one. Throws noAdapter when they cannot be listed. */
export async function listAdapters(nodePath: string, extensionPath: string): Promise<AdapterName[]> {
  const program = join(extensionPath, 'dist', 'engine.mjs');
  const text = await new Promise<string>((resolve, reject) => {
    execFile(
      nodePath,
      [program, 'info', '--adapters', '--json'],
      { timeout: deadlineMs, windowsHide: true, env: cleanEnvironment(process.env) },
      (error, stdout) => (error ? reject(errors.noAdapter(error.message.trim())) : resolve(stdout)),
    );
  });
  // Drivers print lines of their own, and text without a line end.
  for (const line of text.split(/\r?\n/)) {
    const result = listed.safeParse(parsed(line.slice(Math.max(0, line.indexOf('{"adapters"')))));
    if (result.success) return result.data.adapters;
  }
  throw errors.noAdapter(text.trim().slice(0, 200));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
