// Python's two ways to put values into a text: `'%5.2f' % x` and `'{:>5}'.format(x)`.
import { given } from './call.ts';
import { fixedText, floatOf, floatText, intText, numeric, parseInteger, wholeNumber } from './numbers.ts';
import { escapeMarkup, reprOf, textOf } from './text.ts';
import {
  Dict,
  isText,
  LimitError,
  Markup,
  plain,
  Range,
  TemplateError,
  Tuple,
  typeOf,
  Undefined,
  type Call,
  type Meter,
  type Value,
} from './values.ts';

/** Characters that a field is filled up to, and digits after the point. */
const widthMax = 10_000;
const precisionMax = 400;

/** `text % values`. */
export function formatPercent(format: string | Markup, values: Value, meter: Meter): string | Markup {
  const isMarkup = format instanceof Markup;
  const list = values instanceof Tuple ? values.items : [values];
  const dict = values instanceof Dict ? values : undefined;
  let used = 0;
  let named = false;
  const next = (): Value => {
    const value = list[used++];
    if (value === undefined) throw new TemplateError('not enough arguments for format string');
    return value;
  };
  const text = plain(format).replace(
    /%(?:\(([^)]*)\))?([#0\- +]*)(\*|\d+)?(?:\.(\*|\d*))?[hlL]?(.|\n|$)/g,
    (_, key: string | undefined, flags: string, width = '', precision: string | undefined, kind: string) => {
      if (kind === '') throw new TemplateError('incomplete format');
      if (kind === '%') return '%';
      if (key !== undefined) named = true;
      const wide = width === '*' ? wholeNumber(next()) : Number(width || 0);
      const exact =
        precision === '*' ? wholeNumber(next()) : precision === undefined ? undefined : Number(precision);
      if (key !== undefined && !dict) throw new TemplateError('format requires a mapping');
      const value = key === undefined ? next() : dict?.get(key);
      if (value === undefined) throw new TemplateError(`KeyError: '${key}'`);
      const isLeft = flags.includes('-') || wide < 0;
      const sign = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '-';
      const isNumber = !'srcu'.includes(kind) || kind === 'u';
      const fill = flags.includes('0') && !isLeft && isNumber ? '0' : ' ';
      const body = percentField(
        value,
        kind,
        { sign, precision: exact, alternate: flags.includes('#') },
        meter,
      );
      const safe = isMarkup && 'sr'.includes(kind) && !(value instanceof Markup) ? escapeMarkup(body) : body;
      return pad(
        safe,
        { fill, align: isLeft ? '<' : fill === '0' ? '=' : '>', width: Math.abs(wide) },
        meter,
      );
    },
  );
  const isIndexed =
    values instanceof Dict || values instanceof Range || values instanceof Undefined || Array.isArray(values);
  if (!named && !isIndexed && used < list.length)
    throw new TemplateError('not all arguments converted during string formatting');
  meter.spend(text.length);
  return isMarkup ? new Markup(text) : text;
}

interface NumberForm {
  sign: string;
  precision: number | undefined;
  alternate: boolean;
}

function percentField(value: Value, kind: string, form: NumberForm, meter: Meter): string {
  const cut = (text: string) =>
    form.precision === undefined ? text : [...text].slice(0, form.precision).join('');
  if (kind === 's') return cut(textOf(value, meter));
  if (kind === 'r') return cut(reprOf(value, meter));
  if (kind === 'c') {
    if (isText(value) && [...plain(value)].length === 1) return plain(value);
    return String.fromCodePoint(wholeNumber(value));
  }
  const number = numeric(value);
  const isInteger = 'diuxXo'.includes(kind);
  if (number === undefined || (isInteger && 'xXo'.includes(kind) && typeof number !== 'bigint'))
    throw new TemplateError(`%${kind} format: a real number is required, not ${typeOf(value)}`);
  if (!isInteger) return floatField(floatOf(number), kind, form);
  const integer = typeof number === 'bigint' ? number : BigInt(Math.trunc(number));
  const digits = integerDigits(integer, kind, form.alternate);
  return signed(
    integer < 0n,
    form.sign,
    form.precision === undefined ? digits : digits.padStart(limited(form.precision, precisionMax), '0'),
  );
}

function integerDigits(value: bigint, kind: string, alternate: boolean): string {
  const size = value < 0n ? -value : value;
  const bases: Record<string, [number, string]> = {
    x: [16, '0x'],
    X: [16, '0X'],
    o: [8, '0o'],
    b: [2, '0b'],
  };
  const [base, prefix] = bases[kind] ?? [10, ''];
  const digits = base === 10 ? intText(size) : size.toString(base);
  return (alternate ? prefix : '') + (kind === 'X' ? digits.toUpperCase() : digits);
}

function floatField(value: number, kind: string, { sign, precision, alternate }: NumberForm): string {
  const isNegative = value < 0 || Object.is(value, -0);
  const body = floatDigits(
    Math.abs(value),
    kind.toLowerCase(),
    limited(precision ?? 6, precisionMax),
    alternate,
  );
  return signed(isNegative, sign, kind === kind.toLowerCase() ? body : body.toUpperCase());
}

function floatDigits(value: number, kind: string, precision: number, alternate: boolean): string {
  if (!Number.isFinite(value)) return floatText(value);
  if (kind === 'f') return fixedText(value, precision) + (alternate && precision === 0 ? '.' : '');
  if (kind === 'e') return exponential(value, precision);
  if (kind !== 'g') throw new TemplateError(`Unknown format code '${kind}' for object of type 'float'`);
  const digits = Math.max(1, precision);
  const power = Number(exponential(value, digits - 1).split('e')[1]);
  const isShort = power >= -4 && power < digits;
  const text = isShort ? fixedText(value, digits - 1 - power) : exponential(value, digits - 1);
  return alternate ? text : text.replace(/(\.\d*?)0+(?=e|$)/, '$1').replace(/\.(?=e|$)/, '');
}

function exponential(value: number, decimals: number): string {
  const [mantissa = '', power = '0'] = value.toExponential(Math.min(decimals, 100)).split('e');
  return `${mantissa}e${power.startsWith('-') ? '-' : '+'}${power.replace(/^[+-]/, '').padStart(2, '0')}`;
}

const signed = (isNegative: boolean, sign: string, digits: string) =>
  (isNegative ? '-' : sign === '-' ? '' : sign) + digits;

function limited(value: number, max: number): number {
  if (value > max) throw new LimitError('it formats too wide a number');
  return value;
}

function pad(
  text: string,
  { fill, align, width }: { fill: string; align: string; width: number },
  meter: Meter,
): string {
  const room = limited(width, widthMax) - [...text].length;
  if (room <= 0) return text;
  meter.spend(room);
  if (align === '<') return text + fill.repeat(room);
  if (align === '^') return fill.repeat(room >> 1) + text + fill.repeat(room - (room >> 1));
  if (align !== '=') return fill.repeat(room) + text;
  const [, head = '', rest = ''] = /^([+\- ]?(?:0[xXob])?)([\s\S]*)$/.exec(text) ?? [];
  return head + fill.repeat(room) + rest;
}

/** How what stands behind a dot or in brackets of a field is found. */
export interface Lookup {
  attribute: (value: Value, name: string) => Value;
  item: (value: Value, key: Value) => Value;
}

/** `text.format(…)`. */
export function formatBraces(format: string | Markup, call: Call, lookup: Lookup): string | Markup {
  const { meter } = call;
  let automatic = 0;
  const valueOf = (field: string): Value => {
    const [, name = '', path = ''] = /^([^.[]*)([\s\S]*)$/.exec(field) ?? [];
    const key = name === '' ? String(automatic++) : name;
    const index = parseInteger(key);
    const first = index === undefined ? call.named.get(key) : call.args[Number(index)];
    if (first === undefined)
      throw new TemplateError(
        index === undefined
          ? `KeyError: '${key}'`
          : `Replacement index ${key} out of range for positional args tuple`,
      );
    let value: Value = first;
    for (const [, attribute, item] of path.matchAll(/\.([^.[]+)|\[([^\]]+)\]/g))
      value =
        attribute === undefined
          ? lookup.item(value, parseInteger(item as string) ?? (item as string))
          : lookup.attribute(value, attribute);
    return value;
  };
  const expand = (template: string, depth: number): string =>
    template.replace(
      /\{\{|\}\}|\{([^{}!:]*)(?:!([rsa]))?(?::((?:[^{}]|\{[^{}]*\})*))?\}|[{}]/g,
      (
        found: string,
        field: string | undefined,
        conversion: string | undefined,
        spec: string | undefined,
      ) => {
        if (found === '{{' || found === '}}') return found.charAt(0);
        if (field === undefined) throw new TemplateError(`Single '${found}' encountered in format string`);
        if (depth > 1) throw new TemplateError('Max string recursion exceeded');
        const value = valueOf(field);
        const converted =
          conversion === undefined ? value : conversion === 's' ? textOf(value, meter) : reprOf(value, meter);
        const text = formatted(converted, expand(spec ?? '', depth + 1), meter);
        return format instanceof Markup && !(value instanceof Markup) ? escapeMarkup(text) : text;
      },
    );
  const text = expand(plain(format), 0);
  meter.spend(text.length);
  return format instanceof Markup ? new Markup(text) : text;
}

/** format(value, spec). */
function formatted(value: Value, spec: string, meter: Meter): string {
  const match = /^(?:([\s\S])?([<>=^]))?([+\- ])?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/u.exec(spec);
  if (!match) throw new TemplateError('Invalid format specifier');
  const [, fill, align, sign = '-', alternate, zero, width, grouping, precision, kind] = match;
  const number = typeof value === 'boolean' && kind === undefined && spec === '' ? undefined : numeric(value);
  if (number === undefined && spec !== '' && !isText(value))
    throw new TemplateError(`unsupported format string passed to ${typeOf(value)}.__format__`);
  if (number === undefined && kind !== undefined && kind !== 's')
    throw new TemplateError(`Unknown format code '${kind}' for object of type '${typeOf(value)}'`);
  const form = {
    sign,
    precision: precision === undefined ? undefined : Number(precision),
    alternate: alternate !== undefined,
  };
  const body =
    number === undefined ? cutText(textOf(value, meter), form.precision) : numberField(number, kind, form);
  const grouped =
    grouping === undefined
      ? body
      : body.replace(/\d+/, digits => digits.replace(/\B(?=(\d{3})+$)/g, grouping));
  return pad(
    grouped,
    {
      fill: fill ?? (zero === undefined ? ' ' : '0'),
      align: align ?? (number === undefined ? '<' : zero === undefined ? '>' : '='),
      width: Number(width ?? 0),
    },
    meter,
  );
}

const cutText = (text: string, length: number | undefined) =>
  length === undefined ? text : [...text].slice(0, length).join('');

function numberField(number: bigint | number, kind: string | undefined, form: NumberForm): string {
  if (kind === '%') return `${floatField(floatOf(number) * 100, 'f', form)}%`;
  if (kind === 'c') return String.fromCodePoint(wholeNumber(number));
  if (typeof number === 'bigint' && (kind === undefined || 'dxXobn'.includes(kind)))
    return signed(number < 0n, form.sign, integerDigits(number, kind ?? 'd', form.alternate));
  if (kind === undefined && form.precision === undefined)
    return signed(
      Number(number) < 0 || Object.is(number, -0),
      form.sign,
      floatText(Math.abs(Number(number))),
    );
  return floatField(floatOf(number), kind ?? 'g', form);
}

/** The filter `format`: what it is given goes into the text, by name or one after the other. */
export function formatFilter(value: Value, call: Call): Value {
  const format = isText(value) ? value : textOf(value, call.meter);
  if (call.args.length > 0 && call.named.size > 0) given('format', { ...call, args: [] }, []);
  const values = call.named.size > 0 ? new Dict(call.named) : new Tuple(call.args);
  return formatPercent(format, values, call.meter);
}
