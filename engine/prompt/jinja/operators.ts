// The operators of expressions, with Python's rules for what goes with what.
import { compare, contains, equal } from './compare.ts';
import { formatPercent } from './format.ts';
import { arithmetic, numeric, wholeNumber } from './numbers.ts';
import { escapeMarkup, textOf } from './text.ts';
import {
  Dict,
  isFlat,
  isText,
  likewise,
  Markup,
  plain,
  Range,
  TemplateError,
  Tuple,
  typeOf,
  Undefined,
  type Meter,
  type Value,
} from './values.ts';

/** + - * / // % ** on two values. */
export function combine(operator: string, a: Value, b: Value, meter: Meter): Value {
  if (operator === '%' && isText(a)) return formatPercent(a, b, meter);
  for (const one of [a, b]) if (one instanceof Undefined) one.fail();
  const [x, y] = [numeric(a), numeric(b)];
  if (x !== undefined && y !== undefined) return arithmetic(operator, x, y);
  const combined =
    operator === '+'
      ? joined(a, b, meter)
      : operator === '*'
        ? (repeated(a, b, meter) ?? repeated(b, a, meter))
        : undefined;
  if (combined !== undefined) return combined;
  if (operator === '+' && isText(a))
    throw new TemplateError(`can only concatenate str (not "${typeOf(b)}") to str`);
  if (operator === '+' && Array.isArray(a))
    throw new TemplateError(`can only concatenate list (not "${typeOf(b)}") to list`);
  throw new TemplateError(`unsupported operand type(s) for ${operator}: '${typeOf(a)}' and '${typeOf(b)}'`);
}

function joined(a: Value, b: Value, meter: Meter): Value | undefined {
  if (isText(a) && isText(b)) {
    if (!(a instanceof Markup || b instanceof Markup)) return a + b;
    const escaped = (text: string | Markup) => (text instanceof Markup ? text.text : escapeMarkup(text));
    return new Markup(escaped(a) + escaped(b));
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    meter.spend(a.length + b.length);
    return [...(a as Value[]), ...(b as Value[])];
  }
  if (!(a instanceof Tuple && b instanceof Tuple)) return undefined;
  meter.spend(a.items.length + b.items.length);
  return new Tuple([...a.items, ...b.items]);
}

function repeated(what: Value, times: Value, meter: Meter): Value | undefined {
  if (!(isText(what) || Array.isArray(what) || what instanceof Tuple)) return undefined;
  const number = numeric(times);
  if (typeof number !== 'bigint')
    throw new TemplateError(`can't multiply sequence by non-int of type '${typeOf(times)}'`);
  const count = Math.max(0, Number(number));
  if (isText(what)) {
    const text = plain(what);
    meter.spend(text.length * count);
    return likewise(what, text.length === 0 ? '' : text.repeat(count));
  }
  const items: readonly Value[] = what instanceof Tuple ? what.items : (what as readonly Value[]);
  meter.spend(items.length * count);
  const list = items.length === 0 ? [] : Array.from({ length: count }, () => items).flat();
  return what instanceof Tuple ? new Tuple(list) : list;
}

/** One of == != < <= > >= in, not in. */
export function isSo(operator: string, a: Value, b: Value, meter: Meter): boolean {
  switch (operator) {
    case '==':
      return equal(a, b, meter);
    case '!=':
      return !equal(a, b, meter);
    case 'in':
      return contains(b, a, meter);
    case 'not in':
      return !contains(b, a, meter);
  }
  const order = compare(a, b, meter, operator);
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  return operator === '>' ? order > 0 : order >= 0;
}

export function negated(operator: string, value: Value): Value {
  if (value instanceof Undefined) value.fail();
  const number = numeric(value);
  if (number === undefined)
    throw new TemplateError(`bad operand type for unary ${operator}: '${typeOf(value)}'`);
  return operator === '-' ? -number : number;
}

/** `value[index]`, where there is such an item. */
export function itemOf(value: Value, index: Value): Value | undefined {
  if (value instanceof Dict)
    return Array.isArray(index) || index instanceof Dict ? undefined : value.get(index);
  const at = numeric(index);
  if (typeof at !== 'bigint') return undefined;
  const i = Number(at);
  if (isText(value)) {
    const text = plain(value);
    const character = (isFlat(text) ? text : [...text]).at(i);
    return character === undefined ? undefined : likewise(value, character);
  }
  if (Array.isArray(value)) return (value as readonly Value[]).at(i);
  if (value instanceof Tuple) return value.items.at(i);
  if (!(value instanceof Range)) return undefined;
  const from = i < 0 ? value.count + i : i;
  return from >= 0 && from < value.count ? value.at(from) : undefined;
}

/** `value[start:stop:step]`. Throws for what has no order. */
export function sliceOf(value: Value, bounds: readonly (Value | undefined)[], meter: Meter): Value {
  if (value instanceof Undefined) value.fail();
  const [start, stop, step] = bounds.map(bound =>
    bound === undefined || bound === null ? undefined : wholeNumber(bound),
  );
  if (step === 0) throw new TemplateError('slice step cannot be zero');
  const cut = (items: readonly Value[]): Value[] => {
    const indices = sliceIndices(items.length, start, stop, step ?? 1);
    meter.spend(indices.length);
    return indices.map(i => items[i] as Value);
  };
  if (isText(value)) {
    const text = plain(value);
    if (isFlat(text) && (step ?? 1) === 1) return likewise(value, text.slice(start, stop));
    return likewise(value, cut(isFlat(text) ? text.split('') : [...text]).join(''));
  }
  if (Array.isArray(value)) return cut(value as readonly Value[]);
  if (value instanceof Tuple) return new Tuple(cut(value.items));
  if (value instanceof Range) {
    const indices = sliceIndices(value.count, start, stop, step ?? 1);
    const stride = value.step * BigInt(step ?? 1);
    const first = indices.length > 0 ? value.at(indices[0] as number) : 0n;
    return new Range(first, first + stride * BigInt(indices.length), stride);
  }
  throw new TemplateError(`'${typeOf(value)}' object is not subscriptable`);
}

function sliceIndices(
  length: number,
  start: number | undefined,
  stop: number | undefined,
  step: number,
): number[] {
  const bound = (at: number) =>
    Math.min(Math.max(at < 0 ? at + length : at, step < 0 ? -1 : 0), step < 0 ? length - 1 : length);
  const from = start === undefined ? (step < 0 ? length - 1 : 0) : bound(start);
  const to = stop === undefined ? (step < 0 ? -1 : length) : bound(stop);
  const indices: number[] = [];
  for (let i = from; step < 0 ? i > to : i < to; i += step) indices.push(i);
  return indices;
}

/** `a ~ b`. */
export const concatenated = (a: Value, b: Value, meter: Meter): string => textOf(a, meter) + textOf(b, meter);
