import { phrase } from '../../../engine/protocol/phrase.ts';
import { mkdtempSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { errorLine } from '../../../engine/protocol/log_line.ts';
import { spawnEngine, type EngineProcess } from '../../../extension/link/process.ts';
import type { Log } from '../../../extension/log.ts';
import { silentLog } from '../../fakes/fake_engine.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

const base = temporaryDirectory();
const emptyFolder = (): string => mkdtempSync(join(base, 'case-'));

/** Runs a script as the engine and waits for its first output. */
async function run(script: string, log: Log = silentLog): Promise<EngineProcess> {
  const child = await spawnEngine({ nodePath: process.execPath, args: ['-e', script], log, killStepMs: 300 });
  await new Promise(resolve => child.output.once('data', resolve));
  return child;
}
const stays = 'setInterval(() => {}, 1000);';

describe('engine process', () => {
  test('tells how it ended', async () => {
    expect(await (await run('process.stdout.write("."); process.exitCode = 3;')).exited).toEqual(
      phrase`exit code ${'3'}`,
    );
  });

  test('asks first and lets a polite engine end by itself', async () => {
    const child = await run(
      'process.stdout.write("."); process.stdin.resume().on("end", () => process.exit(0));',
    );
    let asked = 0;
    await child.end(async () => void asked++);
    expect(asked).toBe(1);
    expect(await child.exited).toEqual(phrase`exit code ${'0'}`);
  });

  test('terminates an engine that ignores the end of its input', async () => {
    const child = await run(`process.stdout.write("."); ${stays}`);
    await child.end();
    expect(await child.exited).toEqual(phrase`signal ${'SIGTERM'}`);
  });

  test('kills an engine that ignores everything, even when asking never ends', async () => {
    const child = await run(`process.on("SIGTERM", () => {}); ${stays} process.stdout.write(".");`);
    await Promise.all([child.end(() => new Promise(() => undefined)), child.end()]);
    expect(await child.exited).toEqual(phrase`signal ${'SIGKILL'}`);
  });

  test('does not wait for an answer of an engine that is gone', async () => {
    const child = await run('process.stdout.write(".");');
    await child.exited;
    await child.end(() => new Promise(() => undefined));
  });

  test('survives writing to an engine that closed its input', async () => {
    const child = await run(`require("node:fs").closeSync(0); process.stdout.write("."); ${stays}`);
    child.input.write('Content-Length: 2\r\n\r\n{}');
    await new Promise(resolve => child.input.once('close', resolve));
    expect(child.input.errored).toMatchObject({ code: 'EPIPE' });
    await child.end();
  });

  test('passes lines of stderr to the log', async () => {
    const lines: string[] = [];
    const child = await run('console.error("one\\ntwo"); process.stdout.write(".");', {
      ...silentLog,
      info: line => lines.push(line),
    });
    await child.exited;
    await expect
      .poll(() => lines.filter(line => line.startsWith('[engine]')))
      .toEqual(['[engine] one', '[engine] two']);
  });

  test('passes what the engine calls an error to the log as one, with the lines that go on with it', async () => {
    const lines: [string, string][] = [];
    const text = [
      'starting',
      errorLine('TypeError: x\n    at run (a.ts:1:2) {\n  code: 1\n}'),
      'going on',
    ].join('\n');
    const child = await run(`console.error(${JSON.stringify(text)}); process.stdout.write(".");`, {
      ...silentLog,
      info: line => lines.push(['info', line]),
      error: line => lines.push(['error', line]),
    });
    await child.exited;
    await expect
      .poll(() => lines.filter(([, line]) => line.startsWith('[engine]')))
      .toEqual([
        ['info', '[engine] starting'],
        ['error', '[engine] error: TypeError: x'],
        ['error', '[engine]     at run (a.ts:1:2) {'],
        ['error', '[engine]   code: 1'],
        ['error', '[engine] }'],
        ['info', '[engine] going on'],
      ]);
  });

  test('keeps the editor out of its environment', async () => {
    Object.assign(process.env, {
      VSCODE_PID: '1',
      NODE_OPTIONS: '--no-warnings',
      ELECTRON_RUN_AS_NODE: '1',
      HEARTH_TEST: 'kept',
    });
    try {
      const child = await spawnEngine({
        nodePath: process.execPath,
        args: [
          '-p',
          '[process.env.VSCODE_PID, process.env.NODE_OPTIONS, process.env.ELECTRON_RUN_AS_NODE, process.env.HEARTH_TEST].join()',
        ],
        log: silentLog,
      });
      let text = '';
      for await (const chunk of child.output) text += String(chunk);
      expect(text.trim()).toBe(',,,kept');
    } finally {
      for (const name of ['VSCODE_PID', 'NODE_OPTIONS', 'ELECTRON_RUN_AS_NODE', 'HEARTH_TEST'])
        delete process.env[name];
    }
  });

  test('names a program that cannot be started', async () => {
    const directory = emptyFolder();
    const path = join(directory, 'not_a_program');
    await writeFile(path, await readFile(new URL(import.meta.url)));
    await expect(spawnEngine({ nodePath: path, args: [], log: silentLog })).rejects.toMatchObject({
      code: 'noRuntime',
    });
  });
});
