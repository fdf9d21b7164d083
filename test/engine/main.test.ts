// The engine as a process: it always ends when its client goes or talks rubbish, whatever it is doing, and says why.
// The child opens the GPU (openGpu) on whatever device there is.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { beforeAll, expect, test } from 'vitest';
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import { chatSend, ChatDeltaType } from '../../engine/protocol/chat.ts';
import {
  engineStatus,
  initialize,
  loadModel,
  LoadProgressType,
  protocolVersion,
  type DeviceFacts,
  type EngineStatus,
  type LoadProgress,
} from '../../engine/protocol/lifecycle.ts';
import { answersFd } from '../../engine/protocol/pipes.ts';
import { build } from '../../scripts/build.mjs';
import { bundleChild } from '../support/child_bundle.ts';
import { embeddedModelPath } from '../support/embedded_model.ts';
import { writeParrot } from '../support/parrot_model.ts';
import { temporaryDirectory } from '../support/temporary_directory.ts';

// Inside the project, so that the bundle finds the webgpu package.
const outdir = join(import.meta.dirname, '../../node_modules/.cache/hearth-main-test');
beforeAll(async () => {
  mkdirSync(outdir, { recursive: true });
  await build({ only: ['engine'], outdir });
});

type Child = ChildProcessByStdio<Writable, Readable, Readable>;
const answersOf = (child: Child): Readable => child.stdio[answersFd] as Readable;
interface Ending {
  code: number | null;
  stderr: string;
}

function start(args: string[], env: NodeJS.ProcessEnv = {}): { child: Child; ended: Promise<Ending> } {
  const child = spawn(process.execPath, [join(outdir, 'engine.mjs'), ...args], {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
  return { child, ended: new Promise(resolve => child.once('close', code => resolve({ code, stderr }))) };
}

/** Which device the engine has opened. */
async function deviceOf(client: MessageConnection): Promise<DeviceFacts> {
  const params = { protocolVersion, clientName: 'test', clientVersion: '0' };
  return (await client.sendRequest(initialize, params)).device;
}

function connected(child: Child): MessageConnection {
  const client = createMessageConnection(
    new StreamMessageReader(answersOf(child)),
    new StreamMessageWriter(child.stdin),
  );
  client.listen();
  return client;
}

async function ready(child: Child): Promise<MessageConnection> {
  const client = connected(child);
  await client.sendRequest(initialize, { protocolVersion, clientName: 'test', clientVersion: '0' });
  return client;
}

test('what a device prints and its uncaptured errors stay out of the messages', async () => {
  const child = spawn(
    process.execPath,
    [await bundleChild('test/support/failing_buffers_child.ts', outdir)],
    {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    },
  );
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString('utf8')));
  const ended = new Promise(resolve => child.once('close', resolve));
  const client = connected(child);
  const wireErrors: unknown[] = [];
  client.onError(error => void wireErrors.push(error));
  // The device is named by what it failed with.
  expect((await deviceOf(client)).name).toMatch(/^(gpuError|outOfDeviceMemory)$/);
  child.stdin.end();
  await ended;
  expect(wireErrors).toEqual([]);
  expect(printed).toBe('a driver says hello\n');
  client.dispose();
});

test('serve without a pipe for its messages is a named error', async () => {
  const child = spawn(process.execPath, [join(outdir, 'engine.mjs'), 'serve'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
  expect(await new Promise(resolve => child.once('close', resolve))).toBe(1);
  expect(stderr).toMatch(/^hearth: badUsage: .*file descriptor 3/);
});

test.each([
  [
    'a header that is none',
    'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
    /engine ends: a message header lacks its length/,
  ],
  ['a message without end', 'Content-Length: 99999999999\r\n\r\n', /engine ends: .*over the limit/],
  ['a body that is no JSON', 'Content-Length: 5\r\n\r\n{nope', /engine ends: .*JSON/],
])('%s on its input ends the process with the reason and code 1', async (_, bytes, reason) => {
  const { child, ended } = start(['serve']);
  child.stdin.write(bytes);
  const { code, stderr } = await ended;
  expect(stderr).toMatch(reason);
  expect(code).toBe(1);
});

test('an input that ends at once ends the process with code 0', async () => {
  const { child, ended } = start(['serve']);
  child.stdin.end();
  expect(await ended).toMatchObject({ code: 0 });
});

test('a client that goes while a model loads leaves no process behind', async () => {
  const { child, ended } = start(['serve']);
  const client = await ready(child);
  client
    .sendRequest(loadModel, { path: embeddedModelPath, contextTokensMax: 512, progressToken: 'p' })
    .catch(() => undefined);
  child.stdin.end();
  expect((await ended).code).toBe(0);
  client.dispose();
});

test('a client that goes in the middle of an answer leaves no process behind', async () => {
  const { child, ended } = start(['serve']);
  const client = await ready(child);
  await client.sendRequest(loadModel, { path: embeddedModelPath, contextTokensMax: 512, progressToken: 'p' });
  const begun = new Promise<void>(resolve => client.onProgress(ChatDeltaType, 'a', () => resolve()));
  client
    .sendRequest(chatSend, {
      progressToken: 'a',
      messages: [{ role: 'user', content: 'Hello' }],
      maxTokens: 400,
      sampling: { temperature: 0 },
    })
    .catch(() => undefined);
  await begun;
  child.stdin.destroy();
  answersOf(child).destroy();
  const { code, stderr } = await ended;
  expect(stderr).toContain('engine ends:');
  expect(code).not.toBeNull();
  client.dispose();
});

test('a command whose reader goes ends quietly', async () => {
  const { child, ended } = start([
    'generate',
    '--model',
    embeddedModelPath,
    '--prompt',
    'const a = 1;\n',
    '--max-tokens',
    '300',
  ]);
  child.stdout.once('data', () => child.stdout.destroy());
  const { code, stderr } = await ended;
  expect([0, 1]).toContain(code);
  expect(stderr).not.toContain('    at ');
});

test('a load waits for what the first token needs, and the client is told of the kernels that compile after it', async () => {
  const directory = temporaryDirectory();
  const path = writeParrot(join(directory, 'parrot.gguf'), { script: ['Here', ' I', ' am.'] });
  // Nothing compiled before, and a further device that compiles in the background.
  const { child, ended } = start(['serve'], {
    MESA_SHADER_CACHE_DIR: join(directory, 'shaders'),
    HEARTH_COMPILERS: '2',
  });
  const client = await ready(child);
  const progress: LoadProgress[] = [];
  const states: EngineStatus[] = [];
  client.onProgress(LoadProgressType, 'p', one => void progress.push(one));
  const allCompiled = new Promise<void>(resolve =>
    client.onNotification(engineStatus, status => {
      states.push(status);
      if (status.state === 'ready' && !status.compiling) resolve();
    }),
  );
  await client.sendRequest(loadModel, { path, contextTokensMax: 512, progressToken: 'p' });
  const { text } = await client.sendRequest(chatSend, {
    progressToken: 'a',
    messages: [{ role: 'user', content: 'Hello' }],
    sampling: { temperature: 0 },
  });
  expect(text).toBe('Here I am.');
  await allCompiled;
  const { kernels } = progress.at(-1)!;
  expect(kernels?.total).toBeGreaterThan(0);
  expect(kernels?.done).toBe(kernels?.total);
  const behind = states.flatMap(({ compiling }) => (compiling ? [compiling] : []));
  // A GPU compiles everything before.
  if (/llvmpipe/.test((await deviceOf(client)).driver)) {
    expect(behind[0]?.total).toBeGreaterThan(kernels!.total);
    for (const { done, total } of behind) expect(done).toBeLessThan(total);
  }
  child.stdin.end();
  expect((await ended).code).toBe(0);
  client.dispose();
});
