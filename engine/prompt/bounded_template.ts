// A chat template that comes to an end. Templates are programs out of a file: they may loop, call themselves and double what
// they hold. Each rendering has an allowance for steps and texts, which depends on its messages only, and a time limit for
// what takes long within one step.
import { phrase, type PhraseValue } from '../protocol/phrase.ts';
import { Environment, Interpreter, Template } from '@huggingface/jinja';
import { createContext, Script } from 'node:vm';
import { redirectStrip, stripFunctions } from './jinja_strip.ts';

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
/** Items of one range(); more can only be meant to take long. */
const rangeMax = 10_000;
/** Filters that indent, and by how much at most. */
const paddingFilters: ReadonlySet<unknown> = new Set(['indent', 'tojson']);
const filterNumberMax = 1_000;
/** Parsing and rendering take milliseconds. */
const timeLimitMs = 1_000;

type Value = ReturnType<Interpreter['run']>;
type Statement = Parameters<Interpreter['evaluate']>[0];
type Scope = Parameters<Interpreter['evaluate']>[1];
interface Node {
  type?: unknown;
  filter?: Node;
  callee?: Node;
  assignee?: Node;
  object?: Statement;
  property?: Node;
  args?: Node[];
  value?: unknown;
}

export interface ConversationSize {
  messages: number;
  chars: number;
  /** Steps and texts beside what the characters cost; unset: enough for any conversation. */
  allowance?: number;
}

/** What a template that asks for too much ends with. */
export class LimitError extends Error {}

export class BoundedTemplate {
  readonly #parsed: Template['parsed'];
  readonly #filterNumbers = new WeakSet<object>();

  /** Throws an Error for a template that does not parse. */
  constructor(text: string) {
    if (text.length > templateCharsMax) throw new LimitError(`it has ${text.length} characters`);
    this.#parsed = inTime(() => new Template(text).parsed);
    redirectStrip(this.#parsed);
    collectFilterNumbers(this.#parsed, this.#filterNumbers);
  }

  /** Throws an Error for a template that fails or asks for too much. `size`: how many messages, with how many characters in all. */
  render(
    variables: Record<string, unknown>,
    { messages, chars, allowance: fixed = allowanceFixed }: ConversationSize,
  ): string {
    const scope = new Environment();
    for (const [name, value] of Object.entries({ ...globals, ...stripFunctions, ...variables }))
      scope.set(name, value);
    const allowance = fixed + chars * allowancePerChar;
    const interpreter = new BoundedInterpreter(scope, allowance, this.#filterNumbers);
    const text = inTime(() => String(interpreter.run(this.#parsed).value));
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
  const unwritable = /^Cannot convert to JSON: (\w+)Value$/.exec(cause.message)?.[1];
  if (unwritable) return phrase`it asks for a ${unwritable.toLowerCase()} as JSON`;
  return cause.message.slice(0, 300);
}

/** What every template may use, as the library has it. */
const globals = {
  true: true,
  false: false,
  none: null,
  True: true,
  False: false,
  None: null,
  raise_exception: (message: unknown) => {
    throw new Error(typeof message === 'string' ? message : 'it raises an exception');
  },
  range: (from: unknown, to?: unknown, step: unknown = 1): number[] => {
    const [start, stop] = to === undefined ? [0, from] : [from, to];
    const count = Math.ceil(((stop as number) - (start as number)) / (step as number));
    if (!Number.isInteger(start) || !Number.isInteger(step) || step === 0 || Number.isNaN(count))
      throw new Error('range() takes whole numbers');
    if (count > rangeMax) throw new LimitError(`it counts to ${count}`);
    return Array.from({ length: Math.max(count, 0) }, (_, i) => (start as number) + i * (step as number));
  },
  strftime_now: (format: unknown) => new Template('{{ strftime_now(format) }}').render({ format }),
};

/** Counts what a rendering does, and how large what it holds would be if it were written out. */
class BoundedInterpreter extends Interpreter {
  readonly #sizes = new WeakMap<object, number>();

  constructor(
    scope: Environment,
    private left: number,
    private readonly filterNumbers: WeakSet<object>,
  ) {
    super(scope);
    this.sizeMax = left;
  }
  private readonly sizeMax: number;

  override evaluate(statement: Statement, scope: Scope): Value {
    if (--this.left < 0) throw new LimitError('it takes too many steps, or makes too long texts');
    // The library gives nothing at all for the first of an empty list; for no statement it gives Jinja's undefined.
    const value = (super.evaluate(statement, scope) as Value | undefined) ?? super.evaluate(undefined, scope);
    if (statement) this.#check(statement, value, scope);
    return value;
  }

  #check(statement: Node, value: Value, scope: Scope): void {
    this.#limit(this.#size(value));
    // A name gives what is there already; everything else may have made something new.
    if (statement.type !== 'Identifier') this.left -= ownLength(value);
    if (this.filterNumbers.has(statement) && Number(value.value) > filterNumberMax)
      throw new LimitError('it gives a filter too large a number');
    if (value.type === 'NamespaceValue' && statement.type !== 'Identifier') this.#limit(this.#inside(value));
    const { assignee } = statement;
    if (statement.type === 'Set' && assignee?.type === 'MemberExpression')
      this.#limit(this.#inside(super.evaluate(assignee.object, scope)));
  }

  #limit(size: number): void {
    if (size > this.sizeMax) throw new LimitError('it makes too long texts');
  }

  /** Characters of a value written out, about. Lists and objects never change; one may stand in another many times. */
  #size(value: Value): number {
    // A namespace does change. None is ever inside a list, an object or another namespace, so it has no size there.
    if (value.type === 'NamespaceValue') return 1;
    if (typeof value.value === 'string') return 1 + value.value.length;
    if (typeof value.value !== 'object' || value.value === null) return 1;
    const known = this.#sizes.get(value);
    if (known !== undefined) return known;
    const size = this.#inside(value);
    this.#sizes.set(value, size);
    return size;
  }

  #inside(value: Value): number {
    let size = 1;
    const inner = value.value as unknown;
    const entries = inner instanceof Map ? inner : Array.isArray(inner) ? (inner as Value[]).entries() : [];
    for (const [key, item] of entries as Iterable<[unknown, Value | undefined]>) {
      if (!item) continue;
      if (item.type === 'NamespaceValue') throw new LimitError('it keeps a namespace in something else');
      size += (typeof key === 'string' ? key.length : 1) + this.#size(item);
    }
    return size;
  }
}

function ownLength({ value }: Value): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  return value instanceof Map ? value.size : 0;
}

/** Marks what the filters that pad are given: a number among it makes that many spaces at once. */
function collectFilterNumbers(node: object, found: WeakSet<object>): void {
  const { filter } = node as Node;
  if (filter?.args && paddingFilters.has(filter.callee?.value))
    for (const argument of filter.args) {
      if (String(argument.type).includes('Spread')) throw new LimitError('it hides what a filter is given');
      found.add(typeof argument.value === 'object' && argument.value ? argument.value : argument);
    }
  for (const child of Object.values(node) as unknown[])
    for (const one of child instanceof Map ? [...child].flat() : [child].flat())
      if (typeof one === 'object' && one !== null) collectFilterNumbers(one, found);
}

const call = new Script('work()');
const sandbox: { work?: () => unknown } = createContext({});

/** Runs work on this thread, and ends it when it takes too long. */
function inTime<T>(work: () => T): T {
  const outer = sandbox.work;
  sandbox.work = work;
  try {
    return call.runInContext(sandbox, { timeout: timeLimitMs }) as T;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
      ? new LimitError(`it takes longer than ${timeLimitMs} ms`)
      : cause;
  } finally {
    sandbox.work = outer;
  }
}
