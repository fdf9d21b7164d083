// Opens a model as the engine does, step by step, without a GPU. Gives how each step ended; anything but success or a
// named error that says something is thrown as it is.
import { openCheckpoint } from '../../engine/checkpoint/open_checkpoint.ts';
import type { Checkpoint } from '../../engine/checkpoint/checkpoint.ts';
import { createChatTemplate } from '../../engine/prompt/chat_template.ts';
import { errors, HearthError } from '../../engine/protocol/errors.ts';
import { createTokenizer, type TextTokenizer } from '../../engine/tokenizer/tokenizer.ts';
import { checkPlan } from './plan_check.ts';

/** Step and outcome, such as `tokenizer: badTokenizer` or `plan: ok`. */
export type Outcomes = string[];

const texts = [
  'Hi',
  'int main() {\r\n\treturn 0;\n}\n',
  '  \n\n \u00e9\u0301 😀 \0 <|im_end|><think>',
  'a'.repeat(300),
];
const conversation = [
  { role: 'system' as const, content: 'Be short.' },
  { role: 'user' as const, content: ' Hi <|im_end|>\n' },
  { role: 'assistant' as const, content: '<think>\nhm\n</think>\n\nHello' },
  { role: 'user' as const, content: 'Why?' },
];

export async function probe(path: string): Promise<Outcomes> {
  const outcomes: Outcomes = [];
  /** Undefined after a named error. */
  const step = async <T>(name: string, work: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      const value = await work();
      outcomes.push(`${name}: ok`);
      return value;
    } catch (error) {
      outcomes.push(`${name}: ${checkNamed(error).code}`);
      return undefined;
    }
  };
  const checkpoint = await step('open', () => openCheckpoint(path));
  if (!checkpoint) return outcomes;
  try {
    const rows = await step('plan', () => checkPlan(checkpoint));
    await step('sampling', () => checkpoint.sampling());
    const tokenizer = await step('tokenizer', () => readTokenizer(checkpoint));
    if (!tokenizer) return outcomes;
    const fits = rows !== undefined && (await step('fit', () => (tokenizer.checkFits(rows), true)));
    const idsMax = fits ? rows : tokenizer.vocabularySize;
    checkIds(tokenizer, idsMax);
    const template = await step('template', () => createChatTemplate(path, tokenizer));
    await step('own template', () => {
      if (template?.fault) throw errors.badTokenizer(path, template.fault);
    });
    await step('thinking', () => template?.thinking);
    await step('prompt', () => {
      for (const messages of [conversation.slice(0, 2), conversation]) {
        const prompt = template?.prompt(messages);
        checkRange(prompt?.ids ?? [], idsMax, 'a prompt');
        for (const border of prompt?.borders ?? [])
          if (!(border > 0 && border < (prompt?.ids.length ?? 0)))
            throw new Error(`border ${border} lies outside the prompt`);
      }
    });
    return outcomes;
  } finally {
    await checkpoint.close();
  }
}

async function readTokenizer(checkpoint: Checkpoint): Promise<TextTokenizer | undefined> {
  const source = await checkpoint.tokenizer();
  return source && createTokenizer(checkpoint.path, source);
}

function checkIds(tokenizer: TextTokenizer, idsMax: number): void {
  for (const text of texts)
    for (const special of [true, false])
      checkRange(tokenizer.encode(text, { special }), idsMax, JSON.stringify(text));
  checkRange(
    Object.values(tokenizer.fim ?? {}).filter(id => id !== undefined),
    idsMax,
    'the fill-in-the-middle tokens',
  );
  for (let id = -1; id <= tokenizer.vocabularySize; id += 1 + Math.floor(tokenizer.vocabularySize / 500))
    tokenizer.decodeBytes(id);
}

function checkRange(ids: readonly number[], idsMax: number, what: string): void {
  const outside = ids.find(id => !(Number.isInteger(id) && id >= 0 && id < idsMax));
  if (outside !== undefined)
    throw new Error(`${what} gives the token ${outside}, but there are ${idsMax} rows`);
}

/**
 * What V8 says of a slip in a program; in a named error it means that one was caught and given a name. Python's
 * words for what a template does wrong are not among them.
 */
const slips =
  /is not a function(?!: got)|(?<!object|argument of type '\w+') is not iterable|Cannot (read propert|set propert|convert|access '|destructure)|reading '|Maximum call stack|Invalid (array|string|typed array) length|Invalid count value|undefined \(|\[object |out of range|Reduce of empty|is not defined|before initialization|BigInt value|Cannot mix/;

/** A named error that a user can do something with; everything else is thrown. */
export function checkNamed(error: unknown): HearthError {
  if (!(error instanceof HearthError) || error.code === 'internal') throw error;
  const { message, remedy } = error;
  const fault =
    slips.exec(message)?.[0] ??
    (message.length > 1000 ? `${message.length} characters` : remedy === '' ? 'no remedy' : undefined);
  if (fault !== undefined)
    throw new Error(`a poor message (${fault}): ${message.slice(0, 400)}`, { cause: error });
  return error;
}
