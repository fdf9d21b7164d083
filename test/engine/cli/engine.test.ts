// The engine's own program: every command on stdout, failures as one line and exit code 1, JSON-RPC until the input ends.
// Commands that need the GPU run on whatever device there is (openGpu inside the child): as it is shipped, or where a command is about
// something else than what its kernels compute, with those that other tests have compiled before.
import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { beforeAll, expect, test } from 'vitest';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { modelLimitsName } from '../../../engine/checkpoint/model_limits.ts';
import { initialize, loadModel, protocolVersion } from '../../../engine/protocol/lifecycle.ts';
import { answersFd } from '../../../engine/protocol/pipes.ts';
import { build } from '../../../scripts/build.mjs';
import { isFullRun } from '../../support/full.ts';
import { embeddedModelPath } from '../../support/embedded_model.ts';
import { fixturePath } from '../../support/golden.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

// Inside the project, so that the bundle finds the webgpu package.
const outdir = join(import.meta.dirname, '../../../node_modules/.cache/hearth-engine-test');
const program = join(outdir, 'engine.mjs');
beforeAll(async () => {
  mkdirSync(outdir, { recursive: true });
  await build({ only: ['engine'], outdir });
});

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}
function engine(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  return new Promise(resolve => {
    execFile(
      process.execPath,
      [program, ...args],
      { env: { ...process.env, HEARTH_DAWN: 'release', ...env }, maxBuffer: 1 << 26 },
      (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
    );
  });
}

/** Kernels are validated, as in all other tests, and most of them are in the driver's cache. */
const checked = { HEARTH_DAWN: 'checks' };

/** What --stats tells: the last line of stderr. */
function statsOf({ stderr }: Outcome): Record<string, number> {
  return JSON.parse(stderr.split('\n').at(-2)!) as Record<string, number>;
}

test('info lists the GPUs without opening one, and the one that is asked for is used', async () => {
  const listed = await engine(['info', '--adapters', '--json', '--adapter', 'Voodoo']);
  const { adapters } = JSON.parse(listed.stdout) as { adapters: { name: string }[] };
  expect(adapters.length).toBeGreaterThan(0);
  const { code, stderr } = await engine(['info', '--adapter', 'Voodoo']);
  expect(code).toBe(1);
  expect(stderr).toContain(`hearth: noAdapter: No GPU is called "Voodoo". There are: ${adapters[0]?.name}`);
});

test('a model that is larger than what it may take of the memory is refused by name', async () => {
  const args = ['info', '--model', embeddedModelPath, '--memory-limit', '1'];
  const { code, stderr } = await engine(args);
  expect(code).toBe(1);
  expect(stderr).toMatch(/hearth: outOfDeviceMemory: .*limit of 1048576 bytes/);
});

test('info tells the device, and the facts of a model', async () => {
  const { code, stdout } = await engine(['info', '--model', embeddedModelPath, '--json']);
  expect(code).toBe(0);
  const info = JSON.parse(stdout) as {
    device: { name: string; backend: string };
    adapters: { name: string; backend: string }[];
    variants: { matmul: string; attention: string; teamLanes: number };
    model: { architecture: string; layerCount: number; quantization: string };
  };
  expect(['tile', 'shuffle', 'block']).toContain(info.variants.matmul);
  expect(info.model).toMatchObject({ kvFormat: 'f16', contextTokensMax: 32768 });
  expect(info.device.name).not.toBe('');
  expect(info.adapters.map(({ backend }) => backend)).toContain(info.device.backend);
  expect(info.model).toMatchObject({ architecture: 'qwen3_next', layerCount: 4, quantization: 'Q8_0' });
});

test.each(['recurrent', 'chunked', 'step'])('logits in mode %s are those of the fixture', async mode => {
  const folder = temporaryDirectory();
  const { golden, ids, vocabulary } = expectedLogits('tied_nonorm');
  writeFileSync(join(folder, 'ids.json'), JSON.stringify(ids));
  const out = join(folder, 'logits.f32');
  const result = await engine([
    'logits',
    '--model',
    fixturePath('tied_nonorm'),
    '--ids',
    `@${join(folder, 'ids.json')}`,
    '--out',
    out,
    '--mode',
    mode,
  ]);
  expect(result.code, result.stderr).toBe(0);
  const bytes = readFileSync(out);
  const got = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  expect(got.length).toBe(ids.length * vocabulary);
  const worst = got.reduce((max, value, i) => Math.max(max, Math.abs(value - golden[i]!)), 0);
  expect(worst).toBeLessThanOrEqual(2e-4);
});

test('bench --load tells how the bytes of a model arrived', async () => {
  const args = ['bench', '--load', '--model', embeddedModelPath, '--runs', '1', '--json'];
  const { code, stdout, stderr } = await engine(args);
  expect(code, stderr).toBe(0);
  const told = JSON.parse(stdout) as Record<string, number>;
  // The whole file is weights but for its header and vocabulary.
  expect(told['load_bytes']).toBeGreaterThan(16e6);
  expect(told['load_bytes']).toBeLessThan(statSync(embeddedModelPath).size);
  expect(told['device_bytes']).toBeGreaterThan(told['load_bytes']!);
  expect(told['load_bytes_per_second']).toBeCloseTo((told['load_bytes']! * 1000) / told['upload_ms']!, 3);
  expect(told['load_ms']).toBeCloseTo(told['open_ms']! + told['upload_ms']! + told['compile_ms']!, 3);
});

test('a model can be rounded and its context bounded from the command line', async () => {
  const args = [
    'info',
    '--model',
    fixturePath('realdims'),
    '--quantize',
    'q8',
    '--context-max',
    '77',
    '--json',
  ];
  const { code, stdout, stderr } = await engine(args, checked);
  expect(code, stderr).toBe(0);
  expect((JSON.parse(stdout) as { model: object }).model).toMatchObject({
    quantization: 'Q8_0',
    contextTokensMax: 77,
  });
  const wrong = await engine(['info', '--model', fixturePath('realdims'), '--quantize', 'q3']);
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toContain('hearth: badUsage: --quantize must be q8 or q4');
});

test('generate is greedy at temperature 0, the same every time, and counts with --stats', async () => {
  const args = [
    'generate',
    '--model',
    embeddedModelPath,
    '--prompt',
    'export function add(',
    '--max-tokens',
    '12',
    '--stats',
  ];
  const [first, second] = [await engine(args), await engine(args)];
  expect(first.code).toBe(0);
  expect(first.stdout).not.toBe('\n');
  expect(second.stdout).toBe(first.stdout);
  const stop = first.stdout.slice(4, 6);
  const stopped = await engine([...args, '--stop', stop, '--min-p', '0.1', '--presence-penalty', '0']);
  expect(stopped.stdout).toBe(`${first.stdout.slice(0, first.stdout.indexOf(stop))}\n`);
  const stats = statsOf(first);
  expect(stats).toMatchObject({ decode_tokens: 12, cache_hit_tokens: 0 });
  expect(stats['dispatches_per_token']).toBeGreaterThan(0);
  expect(stats['bytes_per_token']).toBeGreaterThan(1e6);
});

// Every day tests of the sampler and of sessions have both.
if (isFullRun)
  test('a seed makes sampling repeatable', async () => {
    const run = (seed: string) =>
      engine([
        'generate',
        '--model',
        embeddedModelPath,
        '--prompt',
        'const ',
        '--max-tokens',
        '8',
        '--temperature',
        '1.5',
        '--seed',
        seed,
      ]);
    const [a, b, c] = [await run('1'), await run('1'), await run('2')];
    expect(a.stdout).toBe(b.stdout);
    expect(a.stdout).not.toBe(c.stdout);
  });

test('complete and ask answer from files, with sources that exist', async () => {
  const folder = temporaryDirectory();
  writeFileSync(join(folder, 'queue.ts'), 'export class TaskQueue {\n  push() {}\n}\n');
  writeFileSync(join(folder, 'use.ts'), 'const a = 1;\nconst b = \n');
  writeFileSync(join(folder, 'logo.png'), Buffer.from([0x89, 0x50, 0, 0]));
  const completed = await engine([
    'complete',
    '--model',
    embeddedModelPath,
    '--file',
    join(folder, 'use.ts'),
    '--line',
    '2',
    '--column',
    '11',
    '--workspace',
    folder,
    '--neighbour',
    join(folder, 'queue.ts'),
    '--stats',
  ]);
  expect(completed.code, completed.stderr).toBe(0);
  expect(completed.stdout.split('\n').length).toBe(2);
  // The other file was read: the prompt of use.ts alone is shorter.
  expect(statsOf(completed)['prefill_tokens']).toBeGreaterThan(30);
  const asked = await engine([
    'ask',
    '--model',
    embeddedModelPath,
    '--workspace',
    folder,
    '--question',
    'Where is TaskQueue defined?',
    '--max-tokens',
    '10',
    '--stats',
  ]);
  expect(asked.code, asked.stderr).toBe(0);
  expect(statsOf(asked)['decode_tokens']).toBeLessThanOrEqual(10);
  expect(asked.stdout.split('\n')).toContain('queue.ts:1-3');
  expect(asked.stderr).toContain('logo.png: not text');
});

// Every day tests of sessions have the limit of the embedded model.
if (isFullRun)
  test("ask reads as many files as the model's own limit says, and others when asked", async () => {
    const folder = temporaryDirectory();
    for (let i = 0; i < 6; i++)
      writeFileSync(join(folder, `${i}.ts`), `export const value${i} = ${i};\n`.repeat(60));
    const own = temporaryDirectory();
    const model = join(own, 'model.gguf');
    cpSync(embeddedModelPath, model);
    writeFileSync(join(own, modelLimitsName), '{ "workspaceTokensMax": 300 }');
    const ask = (...more: string[]) =>
      engine([
        'ask',
        '--model',
        model,
        '--workspace',
        folder,
        '--question',
        'Where is value3 defined?',
        '--max-tokens',
        '2',
        '--stats',
        ...more,
      ]);
    const [few, many] = [await ask(), await ask('--workspace-tokens', '1500')];
    expect(few.code, few.stderr).toBe(0);
    expect(few.stderr).toContain('left out: 0.ts: does not fit');
    expect(many.code, many.stderr).toBe(0);
    expect(many.stderr).not.toContain('left out: 0.ts');
    expect(statsOf(many)['prefill_tokens']).toBeGreaterThan(statsOf(few)['prefill_tokens']! + 500);
    const wrong = await ask('--workspace-tokens', '0');
    expect(wrong.stderr).toContain('hearth: badUsage: --workspace-tokens must be a whole number from 1');
    writeFileSync(join(own, modelLimitsName), '{ "workspaceTokensMax": "all" }');
    const malformed = await ask();
    expect(malformed.code).toBe(1);
    expect(malformed.stderr).toMatch(
      /hearth: badCheckpoint: .*hearth-limits\.json .*workspaceTokensMax is "all"/,
    );
  });

test('bench prints its figures as JSON with the device they belong to', async () => {
  const model = fixturePath('gguf_legacy', 'model.gguf');
  const args = ['bench', '--model', model, '--prefill', '16', '--decode', '4', '--runs', '2', '--json'];
  const { code, stdout } = await engine(args, checked);
  expect(code).toBe(0);
  const result = JSON.parse(stdout) as Record<string, unknown>;
  for (const key of [
    'prefill_tps',
    'decode_tps',
    'ttft_ms',
    'dispatches_per_token',
    'submissions_per_token',
    'waits_per_token',
    'idle_waits_per_token',
    'bytes_per_token',
    'host_encode_us_per_token',
  ])
    expect(result[key]).toBeGreaterThan(0);
  expect(result['device']).not.toBe('');
  expect(result['runs']).toBe(2);
  for (const name of ['prefill_tps', 'decode_tps']) {
    const [slowest, fastest] = result[`${name}_range`] as [number, number];
    expect(slowest).toBeLessThanOrEqual(result[name] as number);
    expect(fastest).toBeGreaterThanOrEqual(result[name] as number);
  }
});

test('verify prints the largest error of every tensor', async () => {
  const { code, stdout } = await engine(['verify', '--fixture', fixturePath('gguf_legacy')], checked);
  expect(code).toBe(0);
  expect(stdout).toMatch(/logits +\d\.\d+e-\d+/);
  expect(stdout.match(/^ {2}passed$/gm)?.length).toBe(4);
});

test('a fixture that does not agree, and a file that cannot be written, are errors of their own', async () => {
  const spoiled = join(temporaryDirectory(), 'tables');
  cpSync(fixturePath('tables'), spoiled, { recursive: true });
  const pieces = readFileSync(join(spoiled, 'pretokenizer.json'), 'utf8');
  writeFileSync(join(spoiled, 'pretokenizer.json'), pieces.replaceAll('"Hello",', '"Hallo",'));
  const verified = await engine(['verify', '--fixture', spoiled]);
  expect(verified.code).toBe(1);
  expect(verified.stdout).toContain('TOO LARGE');
  expect(verified.stderr.trim().split('\n').at(-1)).toMatch(/^hearth: verifyFailed: .*tables.*: tables\./);
  const out = join(spoiled, 'nowhere', 'logits.f32');
  const logits = await engine(['logits', '--model', '/nowhere/x.gguf', '--ids', '1', '--out', out]);
  expect(logits.code).toBe(1);
  expect(logits.stderr.trim().split('\n').at(-1)).toMatch(/^hearth: fileUnwritable: .*logits\.f32/);
});

test.each<[string, string[], RegExp]>([
  ['an unknown command', ['frobnicate'], /^hearth: badUsage: .*frobnicate/],
  ['no command', [], /^hearth: badUsage:/],
  ['an unknown option', ['info', '--colour'], /^hearth: badUsage: .*--colour/],
  [
    'a budget for thoughts of plain text',
    ['generate', '--model', 'x.gguf', '--prompt', 'y', '--thinking-tokens', '9'],
    /^hearth: badUsage: --thinking-tokens needs --chat/,
  ],
  [
    'an answer begun in plain text',
    ['generate', '--model', 'x.gguf', '--prompt', 'y', '--continue', 'z'],
    /^hearth: badUsage: --continue needs --chat/,
  ],
  ['a missing option', ['generate', '--model', 'x.gguf'], /^hearth: badUsage: .*--prompt/],
  ['a number that is none', ['bench', '--model', 'x', '--decode', 'many'], /^hearth: badUsage: .*many/],
  [
    'a missing model',
    ['generate', '--model', '/nowhere/x.gguf', '--prompt', 'y'],
    /^hearth: fileUnreadable: .*\/nowhere\/x\.gguf/,
  ],
])('%s is one line on stderr and exit code 1', async (_, args, line) => {
  const { code, stdout, stderr } = await engine(args);
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr.trim().split('\n').at(-1)).toMatch(line);
});

test('a machine without a GPU driver gets the remedy', async () => {
  const { code, stderr } = await engine(['info'], {
    VK_DRIVER_FILES: '/nonexistent',
    VK_ICD_FILENAMES: '/nonexistent',
  });
  expect(code).toBe(1);
  expect(stderr.trim().split('\n').at(-1)).toMatch(/^hearth: noAdapter: .*mesa-vulkan-drivers/);
});

test('serve speaks JSON-RPC and nothing else on its pipe, and ends with its input', async () => {
  const child = spawn(process.execPath, [program, 'serve'], { stdio: ['pipe', 'ignore', 'ignore', 'pipe'] });
  const ended = new Promise<number | null>(resolve => child.once('exit', resolve));
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdio[answersFd] as Readable),
    new StreamMessageWriter(child.stdin as Writable),
  );
  const wireErrors: unknown[] = [];
  connection.onError(error => void wireErrors.push(error));
  connection.listen();
  const opened = await connection.sendRequest(initialize, {
    protocolVersion,
    clientName: 'test',
    clientVersion: '0',
  });
  expect(opened.pid).toBe(child.pid);
  const facts = await connection.sendRequest(loadModel, {
    path: embeddedModelPath,
    contextTokensMax: 512,
    progressToken: 'p',
  });
  expect(facts).toMatchObject({ contextTokensMax: 512, canComplete: true, quantization: 'Q8_0' });
  child.stdin?.end();
  expect(await ended).toBe(0);
  expect(wireErrors).toEqual([]);
  connection.dispose();
});

/** Ids and logits of a fixture, read by hand: a header of JSON, then data. */
function expectedLogits(name: string): { golden: Float32Array; ids: number[]; vocabulary: number } {
  const file = readFileSync(fixturePath(name, 'expected.safetensors'));
  const headerBytes = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, 8 + headerBytes)) as Record<
    string,
    { shape: number[]; data_offsets: [number, number] }
  >;
  const data = (key: string) => {
    const [from, to] = header[key]!.data_offsets;
    return file.buffer.slice(
      file.byteOffset + 8 + headerBytes + from,
      file.byteOffset + 8 + headerBytes + to,
    );
  };
  return {
    golden: new Float32Array(data('logits')),
    ids: [...new Int32Array(data('input_ids'))],
    vocabulary: header['logits']!.shape[1]!,
  };
}
