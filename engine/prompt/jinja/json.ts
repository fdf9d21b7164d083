// JSON as Python's json module reads and writes it: the order of keys and the kind of each number are kept.
import { floatText, intText, numeric, parseInteger } from './numbers.ts';
import { compare } from './compare.ts';
import {
  Dict,
  isText,
  LimitError,
  plain,
  TemplateError,
  Tuple,
  typeOf,
  type Meter,
  type Value,
} from './values.ts';

/** Steps that a value takes to be written. */
const valueCost = 4;
/** Brackets in brackets. */
const depthMax = 500;

/** A JSON text as a template gets it. Throws a TemplateError for a text that is none. */
export function parseJson(text: string): Value {
  let at = 0;
  const token =
    /[\t\n\r ]*(?:([[\]{},:])|("(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?)|(true|false|null|NaN|-?Infinity))/y;
  const next = (): { sign?: string; value?: Value } => {
    token.lastIndex = at;
    const match = token.exec(text);
    if (!match) throw new TemplateError(`it is no JSON at character ${at + 1}`);
    at = token.lastIndex;
    const [, sign, string, number, decimals, exponent, word] = match;
    if (sign !== undefined) return { sign };
    if (string !== undefined) return { value: JSON.parse(string) as string };
    if (number === undefined) return { value: words[word as keyof typeof words] };
    if (decimals !== undefined || exponent !== undefined) return { value: Number(number) };
    const integer = parseInteger(number);
    if (integer === undefined) throw new LimitError('it has too long a number');
    return { value: integer };
  };
  const fail = (sign?: string): never => {
    throw new TemplateError(`it is no JSON before character ${at + 1}: ${sign ?? 'a value'} is out of place`);
  };
  const read = (depth: number, { sign, value } = next()): Value => {
    if (depth > depthMax) throw new LimitError('it nests too deep');
    if (value !== undefined) return value;
    if (sign === '[') return items(depth);
    return sign === '{' ? dict(depth) : fail(sign);
  };
  const items = (depth: number): Value => {
    const list: Value[] = [];
    for (let first = next(); first.sign !== ']';) {
      list.push(read(depth + 1, first));
      const { sign } = next();
      if (sign === ']') break;
      if (sign !== ',') fail(sign);
      first = next();
      if (first.sign === ']') fail(']');
    }
    return list;
  };
  const dict = (depth: number): Value => {
    const entries = new Dict();
    for (let key = next(), isFirst = true; !isFirst || key.sign !== '}'; key = next(), isFirst = false) {
      if (typeof key.value !== 'string') return fail(key.sign);
      const colon = next();
      if (colon.sign !== ':') fail(colon.sign);
      entries.set(key.value, read(depth + 1));
      const { sign } = next();
      if (sign === '}') break;
      if (sign !== ',') fail(sign);
    }
    return entries;
  };
  const value = read(0);
  if (text.slice(at).trim() !== '') fail('more text');
  return value;
}

const words = { true: true, false: false, null: null, NaN, Infinity, '-Infinity': -Infinity };

export interface JsonForm {
  /** What each level is indented by; unset: all on one line. */
  indent?: string | undefined;
  itemSeparator: string;
  keySeparator: string;
  ensureAscii: boolean;
  sortKeys: boolean;
}

/** json.dumps(value). */
export function jsonText(value: Value, form: JsonForm, meter: Meter): string {
  return write(value, form, meter, '\n');
}

function write(value: Value, form: JsonForm, meter: Meter, newline: string): string {
  meter.spend(valueCost);
  if (isText(value)) return quotedJson(plain(value), form.ensureAscii, meter);
  if (typeof value === 'number') return floatJson(value);
  const items = Array.isArray(value)
    ? (value as readonly Value[])
    : value instanceof Tuple
      ? value.items
      : undefined;
  if (items)
    return wrap(
      items.map(item => indented => write(item, form, meter, indented)),
      '[]',
      form,
      meter,
      newline,
    );
  if (value instanceof Dict) {
    const entries = [...value.entries()];
    if (form.sortKeys) entries.sort(([a], [b]) => compare(a, b, meter));
    const pairs = entries.map(
      ([key, item]) =>
        (indented: string) =>
          quotedJson(keyText(key), form.ensureAscii, meter) +
          form.keySeparator +
          write(item, form, meter, indented),
    );
    return wrap(pairs, '{}', form, meter, newline);
  }
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return intText(value);
  throw new TemplateError(`Object of type ${typeOf(value)} is not JSON serializable`);
}

function wrap(
  parts: readonly ((newline: string) => string)[],
  brackets: string,
  { indent, itemSeparator }: JsonForm,
  meter: Meter,
  newline: string,
): string {
  if (parts.length === 0) return brackets;
  const inner = indent === undefined ? '' : newline + indent;
  meter.spend(parts.length * (inner.length + itemSeparator.length));
  const body = parts.map(part => part(inner)).join(itemSeparator + inner);
  return `${brackets[0]}${inner}${body}${indent === undefined ? '' : newline}${brackets[1]}`;
}

function keyText(key: Value): string {
  if (isText(key)) return plain(key);
  if (key === null || typeof key === 'boolean') return String(key);
  const number = numeric(key);
  if (number === undefined)
    throw new TemplateError(`keys must be str, int, float, bool or None, not ${typeOf(key)}`);
  return typeof number === 'bigint' ? intText(number) : floatJson(number);
}

const floatJson = (value: number) =>
  Number.isFinite(value)
    ? floatText(value)
    : Number.isNaN(value)
      ? 'NaN'
      : value > 0
        ? 'Infinity'
        : '-Infinity';

/** Lone surrogates stay as they are: they are marks that engine/tokenizer/shield.ts takes away again. */
function quotedJson(text: string, ensureAscii: boolean, meter: Meter): string {
  const pattern = ensureAscii ? /["\\]|[^ -~]/gu : /["\\\x00-\x1f]/g;
  const body = text.replace(pattern, character => {
    const short = shortEscapes[character];
    if (short !== undefined || /^[\ud800-\udfff]$/.test(character)) return short ?? character;
    return Array.from({ length: character.length }, (_, i) => `\\u${hex(character.charCodeAt(i))}`).join('');
  });
  meter.spend(body.length);
  return `"${body}"`;
}

const hex = (code: number) => code.toString(16).padStart(4, '0');

const shortEscapes: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\f': '\\f',
  '\b': '\\b',
};
