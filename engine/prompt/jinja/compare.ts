// Which values are equal, and which comes first, by Python's rules.
import { numeric } from './numbers.ts';
import {
  Dict,
  isText,
  iterate,
  Lazy,
  plain,
  Range,
  TemplateError,
  Tuple,
  typeOf,
  Undefined,
  type Meter,
  type Value,
  DictView,
} from './values.ts';

export function equal(a: Value, b: Value, meter: Meter): boolean {
  meter.spend(1);
  if (isText(a) && isText(b)) return plain(a) === plain(b);
  const [x, y] = [numeric(a), numeric(b)];
  // eslint-disable-next-line eqeqeq -- the one comparison of JavaScript that takes 1n and 1 for the same, by their exact values
  if (x !== undefined && y !== undefined) return x == y;
  if (a instanceof Undefined) return b instanceof Undefined;
  if (Array.isArray(a) && Array.isArray(b)) return equalItems(a, b, meter);
  if (a instanceof Tuple && b instanceof Tuple) return equalItems(a.items, b.items, meter);
  if (a instanceof Range && b instanceof Range) return equalItems([...iterate(a)], [...iterate(b)], meter);
  if (!(a instanceof Dict && b instanceof Dict)) return a === b;
  return (
    a.size === b.size &&
    [...a.entries()].every(([key, item]) => {
      const other = b.get(key);
      return other !== undefined && equal(item, other, meter);
    })
  );
}

function equalItems(a: readonly Value[], b: readonly Value[], meter: Meter): boolean {
  return a.length === b.length && a.every((item, i) => equal(item, b[i] as Value, meter));
}

/** Below zero when `a` comes first. Not a number is neither before nor after anything, which comes out as NaN. */
export function compare(a: Value, b: Value, meter: Meter, operator = '<'): number {
  meter.spend(1);
  const [x, y] = [numeric(a), numeric(b)];
  if (x !== undefined && y !== undefined)
    return Number.isNaN(x) || Number.isNaN(y) ? NaN : x < y ? -1 : x > y ? 1 : 0;
  if (isText(a) && isText(b)) return compareTexts(plain(a), plain(b));
  if (Array.isArray(a) && Array.isArray(b)) return compareItems(a, b, meter, operator);
  if (a instanceof Tuple && b instanceof Tuple) return compareItems(a.items, b.items, meter, operator);
  for (const one of [a, b]) if (one instanceof Undefined) one.fail();
  throw new TemplateError(
    `'${operator}' not supported between instances of '${typeOf(a)}' and '${typeOf(b)}'`,
  );
}

function compareItems(a: readonly Value[], b: readonly Value[], meter: Meter, operator: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a[i] as Value, b[i] as Value];
    if (!equal(x, y, meter)) return compare(x, y, meter, operator);
  }
  return a.length - b.length;
}

/** By code points; code units put U+FFFF behind all that take two. */
function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  const isPair = (text: string) => /[\ud800-\udfff]/.test(text[i] ?? '');
  if (isPair(a) !== isPair(b) && i < a.length && i < b.length) return isPair(a) ? 1 : -1;
  return a < b ? -1 : 1;
}

/** `item in container`. */
export function contains(container: Value, item: Value, meter: Meter): boolean {
  if (isText(container)) {
    if (item instanceof Undefined) item.fail();
    if (!isText(item))
      throw new TemplateError(`'in <string>' requires string as left operand, not ${typeOf(item)}`);
    return plain(container).includes(plain(item));
  }
  if (container instanceof Dict) return container.get(item) !== undefined;
  if (container instanceof DictView && container.kind === 'keys') return container.of.get(item) !== undefined;
  if (
    !Array.isArray(container) &&
    !(container instanceof Tuple || container instanceof Range || container instanceof Lazy) &&
    !(container instanceof DictView || container instanceof Undefined)
  )
    throw new TemplateError(`argument of type '${typeOf(container)}' is not iterable`);
  for (const one of iterate(container)) if (one === item || equal(one, item, meter)) return true;
  return false;
}
