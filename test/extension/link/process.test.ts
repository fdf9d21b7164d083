import { phrase } from '../../../engine/protocol/phrase.ts';
import { mkdtempSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { errorLine } from '../../../engine/protocol/log_line.ts';
import { answersFd } from '../../../engine/protocol/pipes.ts';
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
/** Something is written where answers go. */
const answers = `require("node:fs").writeSync(${answersFd}, ".");`;

describe('engine process', () => {
  test('tells how it ended', async () => {
    expect(await (await run(`${answers} process.exitCode = 3;`)).exited).toEqual(phrase`exit code ${'3'}`);
  });

  test('asks first and lets a polite engine end by itself', async () => {
    const child = await run(`${answers} process.stdin.resume().on("end", () => process.exit(0));`);
    let asked = 0;
    await child.end(async () => void asked++);
    expect(asked).toBe(1);
    expect(await child.exited).toEqual(phrase`exit code ${'0'}`);
  });

  test('terminates an engine that ignores the end of its input', async () => {
    const child = await run(`${answers} ${stays}`);
    await child.end();
    expect(await child.exited).toEqual(phrase`stopped from outside: ${'SIGTERM'}`);
  });

  test('says of one that crashed that it did', async () => {
    const child = await run(`${answers} ${stays} process.kill(process.pid, 'SIGSEGV');`);
    expect(await child.exited).toEqual(phrase`crashed: ${'SIGSEGV'}`);
  });

  test('kills an engine that ignores everything, even when asking never ends', async () => {
    const child = await run(`process.on("SIGTERM", () => {}); ${stays} ${answers}`);
    await Promise.all([child.end(() => new Promise(() => undefined)), child.end()]);
    expect(await child.exited).toEqual(phrase`stopped from outside: ${'SIGKILL'}`);
  });

  test('does not wait for an answer of an engine that is gone', async () => {
    const child = await run(answers);
    await child.exited;
    await child.end(() => new Promise(() => undefined));
  });

  test('survives writing to an engine that closed its input', async () => {
    const child = await run(`require("node:fs").closeSync(0); ${answers} ${stays}`);
    child.input.write('Content-Length: 2\r\n\r\n{}');
    await new Promise(resolve => child.input.once('close', resolve));
    expect(child.input.errored).toMatchObject({ code: 'EPIPE' });
    await child.end();
  });

  test('passes lines of stderr, and what drivers print on stdout, to the log', async () => {
    const lines: string[] = [];
    const child = await run(`console.error("one\\ntwo"); console.log("three"); ${answers}`, {
      ...silentLog,
      info: line => lines.push(line),
    });
    await child.exited;
    await expect
      .poll(() => lines.filter(line => line.startsWith('[engine]')).sort())
      .toEqual(['[engine] one', '[engine] three', '[engine] two']);
  });

  test('passes what the engine calls an error to the log as one, with the lines that go on with it', async () => {
    const lines: [string, string][] = [];
    const text = [
      'starting',
      errorLine('TypeError: x\n    at run (a.ts:1:2) {\n  code: 1\n}'),
      'going on',
    ].join('\n');
    const child = await run(`console.error(${JSON.stringify(text)}); ${answers}`, {
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
          '-e',
          `require("node:fs").writeSync(${answersFd}, [process.env.VSCODE_PID, process.env.NODE_OPTIONS, process.env.ELECTRON_RUN_AS_NODE, process.env.HEARTH_TEST].join())`,
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
