// The filters of Python's Jinja that make a value of one value; those that go through items are in list_filters.ts.
import { memberOf } from './attributes.ts';
import { defined, given, textArgument, unlessNone, wholeArgument } from './call.ts';
import { formatFilter } from './format.ts';
import { jsonText } from './json.ts';
import { listFilters } from './list_filters.ts';
import { negated } from './operators.ts';
import {
  arithmetic,
  numeric,
  parseFloatText,
  parseInteger,
  roundFloat,
  roundInt,
  toFloat,
  toInteger,
  wholeNumber,
} from './numbers.ts';
import { escapeMarkup, plainText, textOf } from './text.ts';
import { capitalized, centered, replaced, strip, textMethod } from './text_methods.ts';
import {
  isText,
  isTrue,
  lengthOf,
  likewise,
  LimitError,
  Markup,
  orElse,
  plain,
  TemplateError,
  typeOf,
  Undefined,
  type Call,
  type Value,
} from './values.ts';

export type Filter = (value: Value, call: Call) => Value;

/** A filter by its name; nothing when there is none. */
export function filterOf(name: string): Filter | undefined {
  return Object.hasOwn(filters, name) ? filters[name] : undefined;
}

/** Applies a filter; the meter counts what it makes. */
export function runFilter(name: string, value: Value, call: Call): Value {
  const filter = filterOf(name) ?? listFilters(name, runFilter);
  if (!filter) throw new TemplateError(`No filter named '${name}'.`);
  return filter(value, call);
}

/** A filter that makes text of text, or of what a value is as text. */
const ofText =
  (change: (text: string, call: Call) => string): Filter =>
  (value, call) =>
    likewise(value, change(plainText(value, call.meter), call));

/** As ofText, and what comes out is not marked as escaped. */
const ofPlainText =
  (change: (text: string, call: Call) => string): Filter =>
  (value, call) =>
    change(plainText(value, call.meter), call);

/** Width of what filters put in front, at most. */
const widthMax = 10_000;

function indented(value: Value, call: Call): Value {
  const [width = 4n, first = false, blank = false] = given('indent', call, ['width', 'first', 'blank']);
  const spaces = isText(width) ? plain(width) : ' '.repeat(limitedWidth(width));
  if (!isText(value)) throw new TemplateError(`indent() wants a str, not ${typeOf(value)}`);
  const text = `${plain(value)}\n`;
  const splitLines = textMethod(text, 'splitlines')?.call({
    ...call,
    args: [],
    named: new Map(),
  }) as string[];
  call.meter.spend(splitLines.length * (1 + spaces.length));
  const lines = splitLines.map((line, i) =>
    i === 0 || (line === '' && !isTrue(blank)) ? line : spaces + line,
  );
  return likewise(value, (isTrue(first) ? spaces : '') + lines.join('\n'));
}

function limitedWidth(value: Value): number {
  const width = wholeNumber(value);
  if (width > widthMax) throw new LimitError('it gives a filter too large a number');
  return Math.max(0, width);
}

/** tojson as transformers has it: json.dumps, which leaves characters beyond ASCII as they are. */
function toJson(value: Value, call: Call): string {
  const names = ['ensure_ascii', 'indent', 'separators', 'sort_keys'];
  const [ensureAscii = false, indentGiven, separatorsGiven, sortKeys = false] = given('tojson', call, names);
  const [indent, separators] = [unlessNone(indentGiven), unlessNone(separatorsGiven)];
  const spaces =
    indent === undefined ? undefined : isText(indent) ? plain(indent) : ' '.repeat(limitedWidth(indent));
  const pair =
    separators === undefined
      ? undefined
      : [...(runFilter('list', separators, { ...call, args: [], named: new Map() }) as Value[])];
  if (pair && pair.length !== 2) throw new TemplateError('separators must be two texts');
  return jsonText(
    value,
    {
      indent: spaces,
      itemSeparator: pair ? textArgument(pair[0], 'tojson') : spaces === undefined ? ', ' : ',',
      keySeparator: pair ? textArgument(pair[1], 'tojson') : ': ',
      ensureAscii: isTrue(ensureAscii),
      sortKeys: isTrue(sortKeys),
    },
    call.meter,
  );
}

function rounded(value: Value, call: Call): Value {
  const [precision = 0n, method = 'common'] = given('round', call, ['precision', 'method']);
  const number = numeric(defined(value));
  if (number === undefined) throw new TemplateError(`type ${typeOf(value)} doesn't define __round__ method`);
  const decimals = wholeNumber(precision);
  if (method === 'common')
    return typeof number === 'bigint' ? roundInt(number, decimals) : roundFloat(number, decimals);
  if (method !== 'ceil' && method !== 'floor')
    throw new TemplateError('method must be common, ceil or floor');
  const unit = arithmetic('**', 10n, BigInt(decimals));
  const scaled = arithmetic('*', number, unit);
  const whole =
    typeof scaled === 'bigint' ? scaled : BigInt(method === 'ceil' ? Math.ceil(scaled) : Math.floor(scaled));
  return arithmetic('/', whole, unit);
}

function asInteger(value: Value, call: Call): Value {
  const [otherwise = 0n, base = 10n] = given('int', call, ['default', 'base']);
  if (!isText(value)) return toInteger(value) ?? otherwise;
  const text = plain(value);
  const integer = parseInteger(text, wholeNumber(base));
  if (integer !== undefined) return integer;
  const float = parseFloatText(text);
  return float === undefined || !Number.isFinite(float) ? otherwise : BigInt(Math.trunc(float));
}

function truncated(value: Value, call: Call): Value {
  const names = ['length', 'killwords', 'end', 'leeway'];
  const [length, killWords = false, end = '...', leeway] = given('truncate', call, names);
  const mark = textArgument(end, 'truncate');
  const max = wholeArgument(length, 255);
  if (max < mark.length) throw new TemplateError(`expected length >= ${mark.length}, got ${max}`);
  const now = lengthOf(value);
  if (now !== undefined && now <= max + wholeArgument(unlessNone(leeway), 5)) return value;
  const characters = [...textArgument(value, 'truncate')];
  const kept = characters.slice(0, max - mark.length).join('');
  const cut = kept.lastIndexOf(' ');
  return likewise(value, (isTrue(killWords) || cut < 0 ? kept : kept.slice(0, cut)) + mark);
}

function fileSize(value: Value, call: Call): string {
  const isBinary = isTrue(given('filesizeformat', call, ['binary'])[0] ?? false);
  const base = isBinary ? 1024 : 1000;
  const bytes = toFloat(value);
  if (bytes === undefined) throw new TemplateError('could not convert string to float');
  if (bytes === 1) return '1 Byte';
  if (bytes < base) return `${Math.trunc(bytes)} Bytes`;
  const units = [...'kMGTPEZY'].map(letter => (isBinary ? `${letter.toUpperCase()}iB` : `${letter}B`));
  const power = units.findIndex((_, i) => bytes < base ** (i + 2));
  const unit = power < 0 ? units.length - 1 : power;
  return `${(bytes / base ** (unit + 1)).toFixed(1)} ${units[unit]}`;
}

const fallback: Filter = (value, call) => {
  const [otherwise = '', boolean = false] = given('default', call, ['default_value', 'boolean']);
  return value instanceof Undefined || (isTrue(boolean) && !isTrue(value)) ? otherwise : value;
};

const escaped: Filter = (value, call) =>
  value instanceof Markup ? value : new Markup(escapeMarkup(textOf(value, call.meter)));

const filters: Record<string, Filter> = {
  abs: value => {
    const number = numeric(defined(value));
    if (number === undefined) throw new TemplateError(`bad operand type for abs(): '${typeOf(value)}'`);
    return number < 0 || Object.is(number, -0) ? negated('-', number) : number;
  },
  attr: (value, call) => {
    const name = textArgument(given('attr', call, ['name'], 1)[0], 'attr');
    return orElse(
      memberOf(value, name),
      () => new Undefined(`'${typeOf(value)} object' has no attribute '${name}'`),
    );
  },
  capitalize: ofText(capitalized),
  center: ofText((text, call) =>
    centered(text, wholeArgument(given('center', call, ['width'])[0], 80), call),
  ),
  d: fallback,
  default: fallback,
  e: escaped,
  escape: escaped,
  filesizeformat: fileSize,
  float: (value, call) => {
    const [otherwise = 0] = given('float', call, ['default']);
    return toFloat(value) ?? otherwise;
  },
  forceescape: (value, call) => new Markup(escapeMarkup(plainText(value, call.meter))),
  format: formatFilter,
  indent: indented,
  int: asInteger,
  lower: ofText(text => text.toLowerCase()),
  replace: (value, call) => {
    const [from, to, count] = given('replace', call, ['old', 'new', 'count'], 2);
    const pair: [string, string] = [plainText(from as Value, call.meter), plainText(to as Value, call.meter)];
    return replaced(plainText(value, call.meter), pair, wholeArgument(unlessNone(count), -1), call);
  },
  round: rounded,
  safe: (value, call) => new Markup(plainText(value, call.meter)),
  string: ofText(text => text),
  title: ofPlainText(text =>
    text
      .split(/([-\s({[<]+)/)
      .map(word => {
        const [first = ''] = word;
        return first.toUpperCase() + word.slice(first.length).toLowerCase();
      })
      .join(''),
  ),
  tojson: toJson,
  trim: ofText((text, call) => {
    const characters = unlessNone(given('trim', call, ['chars'])[0]);
    return strip(text, 'both', characters === undefined ? undefined : textArgument(characters, 'trim'));
  }),
  truncate: truncated,
  upper: ofText(text => text.toUpperCase()),
  wordcount: (value, call) => BigInt(plainText(value, call.meter).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0),
};
