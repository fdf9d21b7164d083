// The command line of `npm run bench`.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { SetupError } from '../setup/command.mjs';

/** Models made on demand, and the one in the package. */
export const modelNames = ['embedded', 'small', 'mid'];
export const modelTypes = ['q8_0', 'q4_0', 'q4_k', 'f16', 'f32'];
export const peerNames = ['webgpu', 'vulkan', 'cpu', 'torch'];

export const usage = `npm run bench -- workspace
  questions about real sources, and how long they take to be indexed; fetches an npm package. Or:
npm run bench -- [options]
  --model LIST      of ${modelNames.join(', ')} or paths of .gguf files   (embedded,small; with --peer: small; with --against: embedded)
  --types LIST      of ${modelTypes.join(', ')}: storage types of small and mid   (q8_0)
  --prefill N       tokens of the prompt that is timed   (512)
  --decode N        tokens decoded after it   (64; with --peer: 16)
  --context N       tokens read before the prompt, not timed   (0)
  --runs N          timed runs after one that warms up; the median counts   (5; with --peer: 3; with --against: 1)
  --core N          pin every measured process to this core, with one thread
  --no-kernels      leave out the figures of single kernels
  --peer            run the peers on the same files and print ratios
  --peers LIST      of ${peerNames.join(', ')}   (all)
  --limit MINUTES   for one peer or one part   (60)
  --growth          cost against context length instead, with a plot in docs
  --longest N       longest context of --growth   (4096)
  --save FILE       write the results as JSON
  --compare FILE    and compare them with saved ones
  --against FOLDER  compare with the engine of another checkout, or a built one: old and new in turns, each a process of its own
  --pairs N         how many of each   (10)
  --json            print the results as JSON instead of tables
`;

/** Checked options; throws SetupError with what is wrong. */
export function readOptions(args) {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        model: { type: 'string' },
        types: { type: 'string', default: 'q8_0' },
        prefill: { type: 'string', default: '512' },
        decode: { type: 'string' },
        context: { type: 'string', default: '0' },
        runs: { type: 'string' },
        core: { type: 'string' },
        'no-kernels': { type: 'boolean', default: false },
        peer: { type: 'boolean', default: false },
        peers: { type: 'string' },
        limit: { type: 'string', default: '60' },
        growth: { type: 'boolean', default: false },
        longest: { type: 'string', default: '4096' },
        save: { type: 'string' },
        compare: { type: 'string' },
        against: { type: 'string' },
        pairs: { type: 'string', default: '10' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    throw new SetupError(`${error.message}\n${usage}`);
  }
  const against = values.against !== undefined;
  const peer = values.peer || values.peers !== undefined;
  const other = ['peer', 'peers', 'growth', 'compare'].find(name => values[name]);
  if (against && other)
    throw new SetupError(`--against and --${other} are two kinds of comparison; take one.`);
  // npm changes to the project's folder; paths mean the place where the person is.
  const from =
    process.env.npm_lifecycle_event === 'bench' ? (process.env.INIT_CWD ?? process.cwd()) : process.cwd();
  const path = file => (file === undefined ? undefined : resolve(from, file));
  return {
    models: list(values.model ?? (peer ? 'small' : against ? 'embedded' : 'embedded,small')).map(name =>
      modelNames.includes(name) ? name : path(name),
    ),
    types: known('--types', list(values.types), modelTypes),
    work: {
      prefill: whole('--prefill', values.prefill, 1),
      decode: whole('--decode', values.decode ?? (peer ? '16' : '64'), 1),
      context: whole('--context', values.context, 0),
      runs: whole('--runs', values.runs ?? (peer ? '3' : against ? '1' : '5'), 1),
      core: values.core === undefined ? undefined : whole('--core', values.core, 0),
      limitMinutes: whole('--limit', values.limit, 1),
    },
    kernels: !values['no-kernels'],
    peers: peer ? known('--peers', list(values.peers ?? peerNames.join(',')), peerNames) : [],
    growth: values.growth,
    against: path(values.against),
    pairs: whole('--pairs', values.pairs, 1),
    longest: whole('--longest', values.longest, 1024),
    save: path(values.save),
    compare: path(values.compare),
    json: values.json,
    help: values.help,
  };
}

function list(text) {
  return text
    .split(',')
    .map(one => one.trim())
    .filter(one => one !== '');
}

function known(option, names, allowed) {
  const unknown = names.find(name => !allowed.includes(name));
  if (unknown !== undefined || names.length === 0)
    throw new SetupError(`${option} takes some of ${allowed.join(', ')}, not "${unknown ?? ''}".`);
  return names;
}

function whole(option, text, least) {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least)
    throw new SetupError(`${option} takes a whole number from ${least}, not "${text}".`);
  return value;
}
