// The commands of the engine's command line, and what they take.
import { errors } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';
import { limits } from '../protocol/limits.ts';
import { Options } from './args.ts';
import { runBench } from './bench.ts';
import { runCheck, runEveryKernel } from './check.ts';
import { deviceChoice, deviceOptions } from './device_options.ts';
import { runComplete } from './complete.ts';
import { runAsk, runGenerate } from './generate.ts';
import { runInfo } from './info.ts';
import { runLoadBench } from './load_bench.ts';
import { runFit, runPredict } from './predict.ts';
import { runLogits, type LogitsMode } from './logits.ts';
import { drafts, generation, generationOptions, loading, loadingOptions } from './model_options.ts';
import { runTune } from './tune.ts';
import { runVerify } from './verify.ts';

const usage = `Commands:
  info [--model PATH | --adapters] [--json]   --adapters: only lists the GPUs
  logits --model PATH --ids 1,2,3|@FILE.json --out FILE [--mode chunked|recurrent|step]
  generate --model PATH --prompt TEXT|@FILE [--chat [--continue TEXT|@FILE]] [--max-tokens N] [--thinking-tokens N] [SAMPLING] [--draft K] [--stats]
  complete --model PATH --file F --line L --column C [--workspace DIR] [--neighbour FILE]... [--multiline] [--max-tokens N] [--draft K] [--stats]   (L and C from 1)
  ask --model PATH --workspace DIR --question TEXT [--workspace-tokens N] [--max-tokens N] [--thinking-tokens N] [SAMPLING] [--draft K] [--stats]
  bench --model PATH [--prefill N] [--decode N] [--context N] [--runs N] [--draft K] [--device FILE] [--json]
  bench --load --model PATH [--runs N] [--json]   how fast a model arrives on the device
  predict --device FILE|NAME --model PATH|NAME [--quantization TYPE] [--context N] [--prefill N] [--json]   speed and memory
    that are to be expected; NAME: a device ("RTX 4090") or a model (qwen3-next-80b-a3b-instruct) that Hearth knows, neither needs to be there
  predict --fit --device FILE --model PATH   measures this device with a small model, and writes FILE
  tune --model PATH [--json]   measures the variants of kernels on this device once more, and keeps the best
  check [--model PATH] [--json]   what the device computes against known answers, and the kernels of a model
  check --every [--seconds N] [--json]   every variant of the kernels for weights, with every storage type
  verify --fixture DIR
  serve      JSON-RPC on stdin and file descriptor 3
SAMPLING: [--temperature T] [--top-k N] [--top-p P] [--min-p P] [--repetition-penalty R] [--presence-penalty R] [--seed S]
  [--stop TEXT]...   a text that ends the answer; may be given several times. Temperature 0, the default, is greedy.
Without --max-tokens, generate and ask go on until the model ends or the context is full.
--continue: the beginning of the answer, which the model goes on with.
--thinking-tokens N: a thought of N tokens is closed, and the model answers.
Thoughts go to stderr. An answer before which there was none is written when it is complete, unless stdout is a terminal: until then
  it may turn out to be one.
complete gives what the editor would show; --multiline asks for a block where it would ask for a line, --neighbour for
  what it would learn from another file, the one looked at last first.
--workspace-tokens N: so many tokens of files at most, never more than half the context; unset: what the model's own limit
  (hearth-limits.json beside it) says, else half the context.
--draft K: guess K tokens ahead with the model's MTP block; unset: as many as pay, measured while it runs.
Every command that takes --model also takes
  --context-max N   a context of at most N tokens   --yarn F   the context stretched by a static YaRN factor
  --quantize q8|q4  a model in plain types rounded while it is loaded
Every command that opens the GPU takes
  --adapter NAME    the one with this in its name (info lists them), or high-performance, or low-power
  --memory-limit N  no more than N MiB of its memory
PATH is a .gguf file or a folder with safetensors files.
`;

const modes: readonly string[] = ['chunked', 'recurrent', 'step'] satisfies LogitsMode[];

/** Runs one command. Throws badUsage for an unknown one. */
export async function runCommand(command: string | undefined, args: readonly string[]): Promise<void> {
  switch (command) {
    case 'info': {
      const o = Options.parse(args, { text: [...loadingOptions], flags: ['json', 'adapters'] });
      return runInfo({
        model: o.optional('model'),
        load: loading(o),
        json: o.flag('json'),
        adaptersOnly: o.flag('adapters'),
      });
    }
    case 'logits': {
      const o = Options.parse(args, { text: [...loadingOptions, 'ids', 'out', 'mode'], flags: [] });
      const mode = o.optional('mode') ?? 'recurrent';
      if (!modes.includes(mode))
        throw errors.badUsage(phrase`--mode must be one of ${modes.join(', ')}, not "${mode}".`);
      return runLogits({
        model: o.required('model'),
        load: loading(o),
        ids: idList(o.textOrFile('ids')),
        out: o.required('out'),
        mode: mode as LogitsMode,
      });
    }
    case 'generate': {
      const o = Options.parse(args, {
        text: ['prompt', 'continue', ...generationOptions],
        lists: ['stop'],
        flags: ['chat', 'stats'],
      });
      const chat = o.flag('chat');
      for (const option of ['thinking-tokens', 'continue'])
        if (!chat && o.optional(option) !== undefined)
          throw errors.badUsage(phrase`--${option} needs --chat: plain text has no thought and no answer.`);
      const begun = o.optional('continue') === undefined ? undefined : o.textOrFile('continue');
      return runGenerate({ prompt: o.textOrFile('prompt'), chat, begun, ...generation(o) });
    }
    case 'complete': {
      const o = Options.parse(args, {
        text: [...loadingOptions, 'file', 'line', 'column', 'workspace', 'max-tokens', 'draft'],
        lists: ['neighbour'],
        flags: ['multiline', 'stats'],
      });
      return runComplete({
        model: o.required('model'),
        load: loading(o),
        file: o.required('file'),
        line: o.requiredNumber('line', { min: 1 }),
        column: o.requiredNumber('column', { min: 1 }),
        ...drafts(o),
        workspace: o.optional('workspace'),
        neighbours: o.list('neighbour'),
        multiline: o.flag('multiline'),
        maxTokens: o.number('max-tokens', limits.completionTokensUsual, { min: 1 }),
        stats: o.flag('stats'),
      });
    }
    case 'ask': {
      const o = Options.parse(args, {
        text: ['workspace', 'question', 'workspace-tokens', ...generationOptions],
        lists: ['stop'],
        flags: ['stats'],
      });
      return runAsk({
        workspace: o.required('workspace'),
        question: o.textOrFile('question'),
        blockTokensMax: o.optionalNumber('workspace-tokens', { min: 1 }),
        ...generation(o),
      });
    }
    case 'bench': {
      const o = Options.parse(args, {
        text: [...loadingOptions, 'prefill', 'decode', 'context', 'runs', 'draft', 'device'],
        flags: ['json', 'load'],
      });
      if (o.flag('load'))
        return runLoadBench({
          model: o.required('model'),
          load: loading(o),
          runs: o.number('runs', 3, { min: 1 }),
          json: o.flag('json'),
        });
      return runBench({
        model: o.required('model'),
        load: loading(o),
        prefill: o.number('prefill', 512, { min: 1 }),
        decode: o.number('decode', 64, { min: 1 }),
        context: o.number('context', 0),
        runs: o.number('runs', 5, { min: 1 }),
        drafts: o.number('draft', 0),
        json: o.flag('json'),
        device: o.optional('device'),
      });
    }
    case 'predict': {
      const o = Options.parse(args, {
        text: [...loadingOptions, 'device', 'quantization', 'context', 'prefill'],
        flags: ['json', 'fit'],
      });
      const [device, model] = [o.required('device'), o.required('model')];
      if (o.flag('fit')) return runFit({ device, model, load: loading(o) });
      return runPredict({
        device,
        model,
        quantization: o.optional('quantization'),
        context: o.number('context', 0),
        prefill: o.number('prefill', 512, { min: 1 }),
        json: o.flag('json'),
      });
    }
    case 'tune': {
      const o = Options.parse(args, { text: [...loadingOptions], flags: ['json'] });
      return runTune({ model: o.required('model'), load: loading(o), json: o.flag('json') });
    }
    case 'check': {
      const o = Options.parse(args, { text: [...loadingOptions, 'seconds'], flags: ['json', 'every'] });
      if (o.flag('every'))
        return runEveryKernel({
          device: deviceChoice(o),
          seconds: o.number('seconds', 120, { min: 1 }),
          json: o.flag('json'),
        });
      return runCheck({ model: o.optional('model'), load: loading(o), json: o.flag('json') });
    }
    case 'verify': {
      const o = Options.parse(args, { text: ['fixture', ...deviceOptions], flags: [] });
      return runVerify({ fixture: o.required('fixture'), device: deviceChoice(o) });
    }
    case 'help':
    case '--help':
      process.stdout.write(usage);
      return;
    default:
      throw errors.badUsage(
        phrase`${command === undefined ? 'A command is missing' : `There is no command "${command}"`}; --help lists them.`,
      );
  }
}

/** "1,2,3" or a JSON array. */
function idList(text: string): number[] {
  const parts = text
    .replace(/^\s*\[|\]\s*$/g, '')
    .split(',')
    .map(part => part.trim())
    .filter(part => part !== '');
  const ids = parts.map(Number);
  if (ids.some(id => !Number.isInteger(id) || id < 0))
    throw errors.badUsage(phrase`--ids must be whole numbers, separated by commas.`);
  return ids;
}
