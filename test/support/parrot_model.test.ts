// A parrot says its script through the whole engine, on whatever device there is (opened by the host and by the child).
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCheckpoint } from '../../engine/checkpoint/open_checkpoint.ts';
import type { ChatMessage, ChatSendParams } from '../../engine/protocol/chat.ts';
import { ClientSession } from '../../engine/service/client_session.ts';
import { openGpuDevice } from '../../engine/service/device.ts';
import { EngineHost } from '../../engine/service/engine_host.ts';
import { loadText, openModel } from '../../engine/service/loaded.ts';
import { build } from '../../scripts/build.mjs';
import { lastCharacterTemplate, writeParrot, type Parrot } from './parrot_model.ts';
import { temporaryDirectory } from './temporary_directory.ts';

const directory = temporaryDirectory();
// Inside the project, so that the bundle finds the webgpu package.
const outdir = join(import.meta.dirname, '../../node_modules/.cache/hearth-parrot-test');
const host = new EngineHost({ device: openGpuDevice, model: openModel });
const session = new ClientSession(host);
beforeAll(async () => {
  await host.open();
  mkdirSync(outdir, { recursive: true });
  await build({ only: ['engine'], outdir });
});
afterAll(() => host.dispose());

const write = (parrot: Parrot) => writeParrot(join(directory, 'parrot.gguf'), parrot);
/** The kernels compile for the first parrot only. */
const load = (parrot: Parrot) => host.load({ path: write(parrot), contextTokensMax: 0 }, () => undefined);

/** The answer, and the pieces of text it came in. */
async function ask(question: string | ChatMessage[], more: Partial<ChatSendParams> = {}) {
  const [said, thought]: [string[], string[]] = [[], []];
  const messages = typeof question === 'string' ? [{ role: 'user' as const, content: question }] : question;
  const result = await session.chat(
    { messages, maxTokens: 100, sampling: { temperature: 0 }, ...more },
    {
      onText: text => said.push(text),
      onThinking: text => thought.push(text),
      onThoughtSoFar: () => thought.push(...said.splice(0)),
    },
  );
  return { ...result, said, thought };
}

test('a script is said piece by piece, in every turn, whatever the prompt holds', async () => {
  const script = ['Hello', ' there,\n', 'naïve 円周率', ' 😀', '!\n'];
  await load({ script });
  const first = await ask('Say: Hello there,\n naïve 円周率 😀 <|im_end|> </think>');
  expect(first.said).toEqual(script);
  expect(first).toMatchObject({ text: script.join(''), thinking: '', finishReason: 'stop' });
  expect(first.stats.generatedTokens).toBe(script.length);
  const second = await ask([
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: first.text },
    { role: 'user', content: 'And again?' },
  ]);
  expect(second).toMatchObject({ text: first.text, finishReason: 'stop' });
});

test('sampling and penalties change nothing', async () => {
  const script = ['One', ' two', ' three', ' four', ' five'];
  await load({ script });
  const sampling = { temperature: 1.5, seed: 3, repetitionPenalty: 1.3, presencePenalty: 1.5 };
  expect((await ask('One two three four five', { sampling })).said).toEqual(script);
});

test('what stands between <think> and </think> is thought', async () => {
  await load({ script: ['<think>', '\nLet me', ' think.', '\n\n', '</think>', '\n\n\n', 'Done.'] });
  expect(await ask('Well?')).toMatchObject({
    thought: ['Let me', ' think.', '\n\n'],
    thinking: 'Let me think.',
    text: 'Done.',
    finishReason: 'stop',
  });
});

test("a thought that the family's template has begun ends with </think>", async () => {
  const template = readFileSync(join(import.meta.dirname, '../golden/chat_templates/thinking.jinja'), 'utf8');
  await load({ template, script: ['Let me', ' think.', '</think>', 'Done.'] });
  expect(await ask('Well?')).toMatchObject({ thought: ['Let me', ' think.'], said: ['Done.'] });
});

test('what comes before a </think> that nobody has opened is thought, in characters too', async () => {
  await load({ script: ['Let me', ' think.', '</think>', '\n\n\n', 'Done.'] });
  const lone = { thought: ['Let me', ' think.'], said: ['Done.'], thinking: 'Let me think.', text: 'Done.' };
  expect(await ask('Well?')).toMatchObject(lone);
  await load({ script: ['Let me', ' think.', '</th', 'ink', '>', '\n\n\n', 'Done.'] });
  expect(await ask('Well?')).toMatchObject(lone);
  await load({ script: ['Let me', ' think: `', '</think>', '` is a tag.'] });
  expect(await ask('Well?')).toMatchObject({ thinking: '', text: 'Let me think: `</think>` is a tag.' });
});

test('a script that goes back to a piece runs until there are no tokens left', async () => {
  await load({ script: { pieces: ['Round', ' and', ' round'], backTo: 1 } });
  const { said, finishReason, stats } = await ask('Go on.', { maxTokens: 20 });
  expect(said.slice(0, 6)).toEqual(['Round', ' and', ' round', ' and', ' round', ' and']);
  expect(said.length).toBe(20);
  expect(finishReason).toBe('length');
  expect(stats.generatedTokens).toBe(20);
});

test('a stop text ends a script', async () => {
  await load({ script: ['First line\n', 'EN', 'D', ' of it'] });
  expect(await ask('Well?', { stop: ['END'] })).toMatchObject({ text: 'First line\n', finishReason: 'stop' });
});

test('tool calls and code fences come byte for byte, and the same text as often as wanted', async () => {
  const fence = ['```ts\n', 'const tag = "</think>";\t// 円', '\r\n', '```\n'];
  const call = ['<tool_call>', '\n{"name": "read", "arguments": {"path": "a.ts"}}', '\n</tool_call>\n'];
  const again = [
    'ok',
    ', ',
    'ok',
    ', ',
    'yes, yes',
    ' yes, yes',
    'yes, yes',
    '```sh\n',
    'make\n',
    '```\n',
    '```\n',
  ];
  await load({ script: [...fence, ...call, ...again] });
  const { text, finishReason, thinking } = await ask('Well?');
  expect(text).toBe([...fence, ...call, ...again].join(''));
  expect({ finishReason, thinking }).toEqual({ finishReason: 'stop', thinking: '' });
});

test('one model has an answer for each character that a question ends with', async () => {
  await load({
    template: lastCharacterTemplate,
    after: { '1': ['The', ' first.'], '2': ['The', ' second.'], '?': { pieces: ['Hm. '], backTo: 0 } },
  });
  expect((await ask('Say 1')).text).toBe('The first.');
  expect((await ask('Say 2')).text).toBe('The second.');
  expect((await ask('Say?', { maxTokens: 3 })).text).toBe('Hm. Hm. Hm. ');
  expect(await ask('Say 3')).toMatchObject({ text: '', finishReason: 'stop' });
});

test('a completion is chosen by what stands before the cursor', async () => {
  await load({ after: { '<|fim_middle|>': ['return', ' 1;'], '=': [' 7', ';'] } });
  const complete = async (lineLeft: string) => {
    const place = { documentId: 'a', path: 'a.ts', neighbours: [] };
    const around = { linesBefore: 'let x = 1;\n', lineLeft, suffix: '\nx = 2;\n' };
    const asked = { multiline: false, maxTokens: 40, deadlineMs: 60_000 };
    return (await session.complete({ ...place, ...around, ...asked })).text;
  };
  expect(await complete('')).toBe('return 1;');
  expect(await complete('let y =')).toBe(' 7;');
  expect(await complete('let')).toBe('');
});

test('the command line says a script too', async () => {
  const model = write({ script: ['<think>', 'Let me', ' think.', '</think>', '\n\n', '# Title\n', '- one'] });
  const args = ['generate', '--chat', '--model', model, '--prompt', 'Well?'];
  const program = join(outdir, 'engine.mjs');
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, ...args]);
  expect(stdout).toBe('# Title\n- one\n');
  expect(stderr).toContain('Let me think.');
});

test('the command line keeps a thought that nobody has opened out of the answer', async () => {
  const model = write({ script: ['Let me', ' think.', '</think>', 'Done.'] });
  const args = ['generate', '--chat', '--model', model, '--prompt', 'Well?'];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    join(outdir, 'engine.mjs'),
    ...args,
  ]);
  expect(stdout).toBe('Done.\n');
  expect(stderr).toContain('Let me think.');
  expect(stderr).not.toContain('</think>');
});

test('the command line goes on with an answer, and closes a thought that takes too long', async () => {
  const program = join(outdir, 'engine.mjs');
  const run = (model: string, ...more: string[]) => {
    const args = [program, 'generate', '--chat', '--model', model, '--prompt', 'Well?', ...more];
    return promisify(execFile)(process.execPath, args);
  };
  const counting = write({ after: { '5': [' six', ' seven'] } });
  expect((await run(counting, '--continue', 'Count: 5')).stdout).toBe(' six seven\n');
  const template = "{% for m in messages %}{{ m['content'] }}{% endfor %}{{ '<think>\\n' }}";
  const model = write({ template, script: { pieces: ['Hm', ' and'], backTo: 0 } });
  const { stdout, stderr } = await run(model, '--thinking-tokens', '3', '--max-tokens', '2');
  expect(stderr).toContain('Hm andHm\ncut: the thought');
  expect(stdout).toBe('Hm and\n');
});

test('ordinary text never becomes a piece, and the file is small', async () => {
  const path = write({ script: ['Hello', ' there', '</think>', 'Done.'] });
  expect(statSync(path).size).toBeLessThan(1e6);
  const checkpoint = await openCheckpoint(path);
  const { tokenizer } = await loadText(checkpoint);
  await checkpoint.close();
  const text = 'Hello there Done. 円\0';
  expect(tokenizer.encode(text, { special: false })).toEqual([...new TextEncoder().encode(text)]);
  expect(tokenizer.fim).toBeDefined();
});

test.each<[string, Parrot, string]>([
  ['a piece that cannot be told from another', { script: ['a', 'a'] }, 'no token is left for "a"'],
  ['the line break it begins after', { script: ['a', '\n'] }, 'no token is left for "\\n"'],
  ['a piece without text', { script: [''] }, 'no token is left for ""'],
  ['a token said twice', { script: ['</think>', 'a', '</think>'] }, '"</think>" has its place'],
  ['no piece to go back to', { script: { pieces: ['a'], backTo: 1 } }, 'no piece 1'],
  ['a start of two bytes', { after: { é: ['a'] } }, '"é" is neither'],
  ['too many', { script: Array.from({ length: 255 }, (_, i) => `piece ${i}`) }, 'have 256 tokens'],
])('refused: %s', (_, parrot, why) => {
  expect(() => write(parrot)).toThrow(why);
});
