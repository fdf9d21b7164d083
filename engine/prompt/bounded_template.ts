// A chat template that comes to an end. Templates are programs out of a file: they may loop, call themselves and double what
// they hold. Each rendering has an allowance for steps and texts, which depends on its messages only, and a time limit for
// what takes long within one step.
import { createContext, Script } from 'node:vm';
import { phrase, type PhraseValue } from '../protocol/phrase.ts';
import { runTemplate } from './jinja/interpreter.ts';
import { parseTemplate } from './jinja/parse.ts';
import type { Program } from './jinja/syntax.ts';
import { LimitError, Meter, type Dict } from './jinja/values.ts';

/** Templates of released models have up to 20,000 characters. */
const templateCharsMax = 256 * 1024;
/** Steps, characters of texts and elements of lists; a conversation of a hundred messages takes some 10,000. */
const allowanceFixed = 2_000_000;
/** What each character of the messages may cost more: it is copied for each block around it. */
const allowancePerChar = 32;
/** What is rendered becomes tokens, which takes a second per megabyte or two: the messages a few times, and what stands around them. */
const outputFixed = 64 * 1024;
const outputPerMessage = 256;
const outputPerChar = 4;
/** Parsing and rendering take milliseconds of this thread. */
const timeLimitMs = 1_000;
/** On a machine that is busy with other things they may be tried so often. */
const triesMax = 10;

export interface ConversationSize {
  messages: number;
  chars: number;
  /** Steps and texts beside what the characters cost; unset: enough for any conversation. */
  allowance?: number;
}

export class BoundedTemplate {
  readonly #program: Program;

  /** Throws an Error for a template that does not parse. */
  constructor(text: string) {
    if (text.length > templateCharsMax) throw new LimitError(`it has ${text.length} characters`);
    this.#program = inTime(() => parseTemplate(text));
  }

  /** Throws an Error for a template that fails or asks for too much. `size`: how many messages, with how many characters in all. */
  render(variables: Dict, { messages, chars, allowance: fixed = allowanceFixed }: ConversationSize): string {
    const text = inTime(() =>
      runTemplate(this.#program, variables, new Meter(fixed + chars * allowancePerChar)),
    );
    const max = outputFixed + messages * outputPerMessage + chars * outputPerChar;
    if (text.length > max) throw new LimitError(`it makes ${text.length} characters of ${chars}`);
    return text;
  }
}

/** Why a template fails, to be read by a person; slips inside the library say nothing to anybody. */
export function templateFaultOf(cause: unknown): PhraseValue {
  if (cause instanceof RangeError) return phrase`it nests too deep, or makes too long a text`;
  if (!(cause instanceof Error) || cause instanceof TypeError)
    return phrase`the template library cannot follow it`;
  return cause.message.slice(0, 300);
}

const call = new Script('work()');
const sandbox: { work?: () => unknown } = createContext({});

/** Runs work on this thread, and ends it when it takes too long. It may be begun more than once. */
function inTime<T>(work: () => T): T {
  const outer = sandbox.work;
  sandbox.work = work;
  try {
    for (let tries = 1; ; tries++) {
      const startMs = threadMs();
      try {
        return call.runInContext(sandbox, { timeout: timeLimitMs }) as T;
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw cause;
        // The clock has run on, but this thread was not let run.
        if (threadMs() - startMs < timeLimitMs / 2 && tries < triesMax) continue;
        throw new LimitError(`it takes longer than ${timeLimitMs} ms`);
      }
    }
  } finally {
    sandbox.work = outer;
  }
}

/** Milliseconds that this thread has run; those of the whole process where the runtime tells no other. */
function threadMs(): number {
  const { user, system } = (process.threadCpuUsage ?? process.cpuUsage).call(process);
  return (user + system) / 1000;
}
