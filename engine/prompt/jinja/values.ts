// The values of a template, as Python has them. An integer is a bigint, a float a number, a list an array; what JavaScript has no
// like of is a class here.

export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | Markup
  | Undefined
  | readonly Value[]
  | Tuple
  | Dict
  | DictView
  | Range
  | Lazy
  | Callable
  | Namespace
  | Loop;

/** What a template fails with; the message is Python's where people may search for it. */
export class TemplateError extends Error {}

/** What a template that asks for too much ends with. */
export class LimitError extends Error {}

/** Text that counts as escaped: joined to it by `+`, other text is escaped. */
export class Markup {
  constructor(readonly text: string) {}
}

/** What a name that is nowhere gives. It may be asked about and printed; whatever else is done with it fails. */
export class Undefined {
  constructor(readonly message: string) {}

  fail(): never {
    throw new TemplateError(this.message);
  }
}

/** Its items may have names, too. */
export class Tuple {
  constructor(
    readonly items: readonly Value[],
    private readonly names: readonly string[] = [],
  ) {}

  named(name: string): Value | undefined {
    return this.items[this.names.indexOf(name)];
  }
}

/** Keeps the order in which keys came; 1, 1.0 and true are the same key. */
export class Dict {
  readonly #entries = new Map<unknown, [Value, Value]>();

  constructor(entries: Iterable<readonly [Value, Value]> = []) {
    for (const [key, value] of entries) this.set(key, value);
  }

  get size(): number {
    return this.#entries.size;
  }
  get(key: Value): Value | undefined {
    return this.#entries.get(hashOf(key))?.[1];
  }
  /** While it is being made; a template cannot change one. */
  set(key: Value, value: Value): void {
    const hash = hashOf(key);
    const known = this.#entries.get(hash);
    this.#entries.set(hash, [known ? known[0] : key, value]);
  }
  entries(): IterableIterator<[Value, Value]> {
    return this.#entries.values();
  }
  keys(): Value[] {
    return [...this.entries()].map(([key]) => key);
  }
  values(): Value[] {
    return [...this.entries()].map(([, value]) => value);
  }
}

/** What keys(), values() and items() of a dict give. */
export class DictView {
  constructor(
    readonly of: Dict,
    readonly kind: 'keys' | 'values' | 'items',
  ) {}

  get items(): Value[] {
    if (this.kind === 'items') return [...this.of.entries()].map(entry => new Tuple(entry));
    return this.kind === 'keys' ? this.of.keys() : this.of.values();
  }
}

export class Range {
  readonly count: number;
  constructor(
    readonly start: bigint,
    readonly stop: bigint,
    readonly step: bigint,
  ) {
    const [span, stride] = step > 0n ? [stop - start, step] : [start - stop, -step];
    this.count = span > 0n ? Number((span + stride - 1n) / stride) : 0;
  }
  at(index: number): bigint {
    return this.start + BigInt(index) * this.step;
  }
}

/** A generator: its items are made when they are asked for, once. */
export class Lazy {
  readonly iterator: Iterator<Value>;
  constructor(
    readonly name: string,
    items: Iterable<Value>,
  ) {
    this.iterator = items[Symbol.iterator]();
  }
}

/** What a function or filter is called with. */
export interface Call {
  readonly meter: Meter;
  readonly args: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

export class Callable {
  constructor(
    readonly name: string,
    readonly call: (call: Call) => Value,
    readonly kind: 'function' | 'Macro' | 'type' | 'Joiner' | 'Cycler' = 'function',
    readonly attributes: ReadonlyMap<string, () => Value> = new Map(),
  ) {}
}

/** The one value whose parts a template may set. */
export class Namespace {
  readonly fields = new Dict();
}

/** `loop` inside a for. Items are taken as they are needed, so that what a turn sets is seen by the next. */
export class Loop {
  index0 = -1;
  previous: Value | undefined;
  current: Value | undefined;
  changedWith: Value | undefined;
  readonly #ahead: Value[] = [];
  #length: number | undefined;

  constructor(
    readonly iterator: Iterator<Value>,
    readonly depth0: number,
    length: number | undefined,
  ) {
    this.#length = length;
  }

  /** Goes on to the next item; false after the last. */
  next(): boolean {
    const next = this.peek();
    if (next === undefined) return false;
    this.#ahead.shift();
    this.previous = this.current;
    this.current = next;
    this.index0++;
    return true;
  }
  peek(): Value | undefined {
    if (this.#ahead.length === 0) this.#take();
    return this.#ahead[0];
  }
  get length(): number {
    if (this.#length === undefined) {
      while (this.#take());
      this.#length = this.index0 + 1 + this.#ahead.length;
    }
    return this.#length;
  }
  #take(): boolean {
    const { done, value } = this.iterator.next();
    if (done !== true) this.#ahead.push(value);
    return done !== true;
  }
}

/** Counts what a rendering does and how much it makes. */
export class Meter {
  constructor(private left: number) {}

  /** Steps, characters of texts, or elements of lists. */
  spend(amount: number): void {
    this.left -= amount;
    if (!(this.left >= 0)) throw new LimitError('it takes too many steps, or makes too long texts');
  }
}

/** What a dict finds a key by. */
function hashOf(key: Value): unknown {
  if (typeof key === 'string') return key.startsWith('\0') ? `\0s${key}` : key;
  if (typeof key === 'boolean') return BigInt(key);
  if (typeof key === 'number') return Number.isInteger(key) ? BigInt(key) : key;
  if (key instanceof Markup) return hashOf(key.text);
  if (key instanceof Tuple)
    return `\0t${key.items.map(item => `${typeof item}:${String(hashOf(item))}`).join('\0,')}`;
  if (Array.isArray(key) || key instanceof Dict) throw new TemplateError(`unhashable type: '${typeOf(key)}'`);
  return key;
}

/** The name of a value's type in Python. */
export function typeOf(value: Value): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float';
  if (typeof value === 'string') return 'str';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Tuple) return 'tuple';
  if (value instanceof Dict) return 'dict';
  if (value instanceof DictView) return `dict_${value.kind}`;
  if (value instanceof Range) return 'range';
  if (value instanceof Lazy) return 'generator';
  if (value instanceof Callable) return value.kind;
  if (value instanceof Loop) return 'LoopContext';
  return value.constructor.name;
}

/** `value`, or what is made in its place where there is none; unlike `??` it takes none for the value that it is. */
export const orElse = (value: Value | undefined, otherwise: () => Value): Value =>
  value === undefined ? otherwise() : value;

export const isText = (value: Value): value is string | Markup =>
  typeof value === 'string' || value instanceof Markup;

/** The characters of a text. */
export const plain = (text: string | Markup): string => (typeof text === 'string' ? text : text.text);

/** `text`, escaped already when `like` was. */
export const likewise = (like: Value, text: string): string | Markup =>
  like instanceof Markup ? new Markup(text) : text;

export function isTrue(value: Value): boolean {
  if (value instanceof Undefined) return false;
  const length = lengthOf(value);
  if (length !== undefined) return length > 0;
  return typeof value === 'object' && value !== null ? true : Boolean(value);
}

/** What len() gives; nothing for a value that has no length. */
export function lengthOf(value: Value): number | undefined {
  if (isText(value)) return codePointCount(plain(value));
  if (Array.isArray(value)) return value.length;
  if (value instanceof Tuple) return value.items.length;
  if (value instanceof Dict) return value.size;
  if (value instanceof DictView) return value.of.size;
  if (value instanceof Range) return value.count;
  return value instanceof Undefined ? 0 : undefined;
}

/** What a for goes through. Throws for a value that has no items. */
export function iterate(value: Value): Iterable<Value> {
  if (isText(value)) return plain(value);
  if (Array.isArray(value)) return value as readonly Value[];
  if (value instanceof Tuple || value instanceof DictView) return value.items;
  if (value instanceof Dict) return value.keys();
  if (value instanceof Range) return rangeItems(value);
  if (value instanceof Lazy) return { [Symbol.iterator]: () => value.iterator };
  if (value instanceof Undefined) return [];
  throw new TemplateError(`'${typeOf(value)}' object is not iterable`);
}

function* rangeItems(range: Range): Iterable<Value> {
  for (let i = 0; i < range.count; i++) yield range.at(i);
}

/** All items at once, paid for. */
export function listOf(value: Value, meter: Meter): Value[] {
  const items: Value[] = [];
  for (const item of iterate(value)) {
    meter.spend(1);
    items.push(item);
  }
  return items;
}

const pair = /[\ud800-\udbff][\udc00-\udfff]/;
/** Whether a text's characters are its code units, which is quick to go by. */
export const isFlat = (text: string): boolean => !pair.test(text);

function codePointCount(text: string): number {
  if (isFlat(text)) return text.length;
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** Values of JavaScript (of JSON, say) as a template gets them. */
export function toValue(input: unknown): Value {
  if (typeof input === 'number') return Number.isInteger(input) ? BigInt(input) : input;
  if (typeof input === 'function') throw new TypeError('a function is no value of a template');
  if (input === undefined) return new Undefined('it is undefined');
  if (input === null || typeof input !== 'object') return input as Value;
  if (Array.isArray(input)) return input.map(toValue);
  if (Object.getPrototypeOf(input) !== Object.prototype) return input as Value;
  return new Dict(Object.entries(input).map(([key, value]) => [key, toValue(value)]));
}
