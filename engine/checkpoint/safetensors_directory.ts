// A Hugging Face model directory as a Checkpoint: weights, config.json, tokenizer files, generation_config.json.
import { join } from 'node:path';
import { errors } from '../protocol/errors.ts';
import { phrase, type Phrase } from '../protocol/phrase.ts';
import type { Checkpoint, CheckpointTokenizer } from './checkpoint.ts';
import { pairBlockScales } from './fp8.ts';
import { readJsonFile } from './json_file.ts';
import { readModelLimits } from './model_limits.ts';
import { readTextFile } from './ranged_file.ts';
import { openSafetensors } from './safetensors.ts';
import { readSampling } from './sampling.ts';

/** Configuration files are a few KB; tokenizer.json of the largest vocabulary is about 20 MB. */
const configBytesMax = 4_000_000;
const tokenizerBytesMax = 64_000_000;

/** Opens a directory with config.json and safetensors files. Throws badCheckpoint, fileUnreadable, missingTensor. */
export async function openSafetensorsDirectory(path: string): Promise<Checkpoint> {
  const config = await readJsonFile(join(path, 'config.json'), configBytesMax);
  if (!config) throw errors.badCheckpoint(path, phrase`the directory has no config.json`);
  const store = await openSafetensors(path);
  try {
    pairBlockScales(path, config, store.tensors);
  } catch (cause) {
    await store.close();
    throw cause;
  }
  return {
    path,
    container: 'safetensors',
    metadata: config,
    tensors: store.tensors,
    read: (tensor, offset, into) => store.read(tensor, offset, into),
    tokenizer: () => readTokenizer(path, config),
    sampling: async () => {
      const generation = await readGenerationConfig(path);
      if (!generation) return undefined;
      if (generation['do_sample'] === false) return { temperature: 0 };
      return readSampling(path, {
        temperature: generation['temperature'],
        topK: generation['top_k'],
        topP: generation['top_p'],
        minP: generation['min_p'],
        repetitionPenalty: generation['repetition_penalty'],
        presencePenalty: generation['presence_penalty'],
      });
    },
    limits: () => readModelLimits(path),
    close: () => store.close(),
  };
}

function readGenerationConfig(path: string): Promise<Record<string, unknown> | undefined> {
  return readJsonFile(join(path, 'generation_config.json'), configBytesMax);
}

async function readTokenizer(
  path: string,
  config: Record<string, unknown>,
): Promise<CheckpointTokenizer | undefined> {
  const bad = (file: string) => (why: Phrase) => errors.badTokenizer(path, phrase`${file} ${why}`);
  const tokenizerJson = await readJsonFile(
    join(path, 'tokenizer.json'),
    tokenizerBytesMax,
    bad('tokenizer.json'),
  );
  if (!tokenizerJson) return undefined;
  const configName = 'tokenizer_config.json';
  const tokenizerConfig = (await readJsonFile(join(path, configName), configBytesMax, bad(configName))) ?? {};
  const generation = await readGenerationConfig(path);
  const text = (config['text_config'] ?? {}) as Record<string, unknown>;
  const ids = [generation?.['eos_token_id'], config['eos_token_id'], text['eos_token_id']].flat();
  const eosTokenIds = new Set(ids.filter(id => Number.isSafeInteger(id)) as number[]);
  const named = endTokenByName(tokenizerJson, tokenizerConfig);
  if (named !== undefined) eosTokenIds.add(named);
  // The newer file wins: where both exist, tokenizer_config.json may hold an outdated copy.
  const chatTemplate =
    (await readTextFile(join(path, 'chat_template.jinja'), configBytesMax)) ?? templateOf(tokenizerConfig);
  return { tokenizerJson, chatTemplate, eosTokenIds: [...eosTokenIds] };
}

/** The id of the end token that tokenizer_config.json names, looked up among the added tokens. */
function endTokenByName(
  tokenizer: Record<string, unknown>,
  config: Record<string, unknown>,
): number | undefined {
  const named = config['eos_token'] as { content?: unknown } | string | null | undefined;
  const content = typeof named === 'object' ? named?.content : named;
  const added = Array.isArray(tokenizer['added_tokens']) ? (tokenizer['added_tokens'] as unknown[]) : [];
  const tokens = added as ({ id?: unknown; content?: unknown } | null)[];
  const id = tokens.find(token => token?.content === content)?.id;
  return typeof content === 'string' && typeof id === 'number' ? id : undefined;
}

/** One template, or the one called "default" of a list of named ones. */
function templateOf(config: Record<string, unknown>): string | undefined {
  const template = config['chat_template'];
  if (typeof template === 'string') return template;
  const list = (Array.isArray(template) ? template : []) as ({ name?: unknown; template?: unknown } | null)[];
  const found = list.find(entry => entry?.name === 'default')?.template;
  return typeof found === 'string' ? found : undefined;
}
