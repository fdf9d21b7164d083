// The filters of Python's Jinja that go through items. Those that Python makes generators of are lazy here, too.
import { subscriptOf } from './attributes.ts';
import { given, textArgument, unlessNone, wholeArgument } from './call.ts';
import { compare, equal } from './compare.ts';
import { combine, sliceOf } from './operators.ts';
import { plainText, textOf } from './text.ts';
import { runTest } from './tests.ts';
import {
  Dict,
  isText,
  isTrue,
  iterate,
  Lazy,
  lengthOf,
  listOf,
  orElse,
  plain,
  TemplateError,
  Tuple,
  typeOf,
  Undefined,
  type Call,
  type Value,
} from './values.ts';

type Filter = (value: Value, call: Call) => Value;
type RunFilter = (name: string, value: Value, call: Call) => Value;

/** A filter of this file by its name. `runFilter`: how map() applies another one. */
export function listFilters(name: string, runFilter: RunFilter): Filter | undefined {
  if (name === 'map') return (value, call) => mapped(value, call, runFilter);
  return Object.hasOwn(filters, name) ? filters[name] : undefined;
}

/** A lower-case copy, for comparing texts whatever their case. */
const withoutCase = (value: Value): Value => (isText(value) ? plain(value).toLowerCase() : value);

type Getter = (item: Value) => Value;

/** What `attribute='a.0.b'` reads of an item. */
function getter(attribute: Value | undefined, after: Getter = value => value, otherwise?: Value): Getter {
  const wanted = unlessNone(attribute);
  if (wanted === undefined) return after;
  const parts: Value[] = isText(wanted)
    ? plain(wanted)
        .split('.')
        .map(part => (/^\d+$/.test(part) ? BigInt(part) : part))
    : [wanted];
  return item => {
    let value = item;
    for (const part of parts) {
      value = subscriptOf(value, part);
      if (value instanceof Undefined && unlessNone(otherwise) !== undefined) value = otherwise as Value;
    }
    return after(value);
  };
}

const caseGetter = (attribute: Value | undefined, caseSensitive: Value | undefined, otherwise?: Value) =>
  getter(attribute, isTrue(caseSensitive ?? false) ? undefined : withoutCase, otherwise);

function mapped(value: Value, call: Call, runFilter: RunFilter): Value {
  const { meter, args, named } = call;
  let change: Getter;
  if (args.length === 0 && named.has('attribute')) {
    const [attribute, otherwise] = given('map', call, ['attribute', 'default']);
    change = getter(attribute, undefined, otherwise);
  } else {
    const [filter, ...rest] = args;
    if (filter === undefined) throw new TemplateError('map requires a filter argument');
    const name = textArgument(filter, 'map');
    change = item => runFilter(name, item, { meter, args: rest, named });
  }
  return new Lazy('sync_do_map', changedItems(value, change, call));
}

function* changedItems(value: Value, change: Getter, { meter }: Call): Iterable<Value> {
  if (!isTrue(value)) return;
  for (const item of iterate(value)) {
    meter.spend(1);
    yield change(item);
  }
}

/** select, reject, selectattr, rejectattr. */
const selecting =
  (name: string, { wanted, byAttribute }: { wanted: boolean; byAttribute: boolean }): Filter =>
  (value, call) => {
    const rest = byAttribute ? call.args.slice(1) : call.args;
    if (byAttribute && call.args.length === 0)
      throw new TemplateError('Missing parameter for attribute name');
    const read = byAttribute ? getter(call.args[0]) : (item: Value) => item;
    const [test, ...args] = rest;
    const passes = (item: Value) =>
      test === undefined
        ? isTrue(item)
        : runTest(textArgument(test, name), item, { meter: call.meter, args, named: call.named });
    return new Lazy(
      'select_or_reject',
      selected(value, item => passes(read(item)) === wanted, call),
    );
  };

function* selected(value: Value, passes: (item: Value) => boolean, { meter }: Call): Iterable<Value> {
  if (!isTrue(value)) return;
  for (const item of iterate(value)) {
    meter.spend(1);
    if (passes(item)) yield item;
  }
}

/** Sorted by what `read` gives for each; equal ones stay in their order. */
function sorted(
  items: readonly Value[],
  read: Getter,
  isReversed: Value | undefined,
  { meter }: Call,
): Value[] {
  const direction = isTrue(isReversed ?? false) ? -1 : 1;
  const keyed = items.map(item => ({ item, key: read(item) }));
  return keyed.sort((a, b) => direction * compare(a.key, b.key, meter)).map(({ item }) => item);
}

const extreme =
  (name: string, isBetter: (order: number) => boolean): Filter =>
  (value, call) => {
    const [caseSensitive, attribute] = given(name, call, ['case_sensitive', 'attribute']);
    const read = caseGetter(attribute, caseSensitive);
    let best: Value | undefined;
    for (const item of iterate(value))
      if (best === undefined || isBetter(compare(read(item), read(best), call.meter))) best = item;
    return orElse(best, () => new Undefined('No aggregated item, sequence was empty.'));
  };

function* batches(value: Value, size: number, fill: Value, { meter }: Call): Iterable<Value> {
  let batch: Value[] = [];
  for (const item of iterate(value)) {
    meter.spend(1);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
    batch.push(item);
  }
  if (batch.length === 0) return;
  const missing = fill === null ? 0 : Math.max(0, size - batch.length);
  meter.spend(missing);
  yield [...batch, ...Array.from({ length: missing }, () => fill)];
}

function* slices(value: Value, count: number, fill: Value, { meter }: Call): Iterable<Value> {
  const items = listOf(value, meter);
  const size = Math.floor(items.length / count);
  const larger = items.length % count;
  let offset = 0;
  for (let i = 0; i < count; i++) {
    const start = offset + i * size;
    if (i < larger) offset++;
    const slice = items.slice(start, offset + (i + 1) * size);
    yield fill !== null && i >= larger ? [...slice, fill] : slice;
  }
}

function* uniqueItems(value: Value, read: Getter, { meter }: Call): Iterable<Value> {
  const seen = new Dict();
  for (const item of iterate(value)) {
    meter.spend(1);
    const key = read(item);
    if (seen.get(key) === undefined) {
      seen.set(key, true);
      yield item;
    }
  }
}

function groups(value: Value, call: Call): Value {
  const names = ['attribute', 'default', 'case_sensitive'];
  const [attribute, otherwise, caseSensitive] = given('groupby', call, names, 1);
  const read = caseGetter(attribute, caseSensitive, otherwise);
  const shown = getter(attribute, undefined, otherwise);
  const found: { key: Value; items: Value[] }[] = [];
  for (const item of sorted(listOf(value, call.meter), read, false, call)) {
    const last = found.at(-1);
    if (last && equal(last.key, read(item), call.meter)) last.items.push(item);
    else found.push({ key: read(item), items: [item] });
  }
  return found.map(({ items }) => new Tuple([shown(items[0] as Value), items], ['grouper', 'list']));
}

function dictSorted(value: Value, call: Call): Value {
  const [caseSensitive, by = 'key', reverse] = given('dictsort', call, ['case_sensitive', 'by', 'reverse']);
  if (by !== 'key' && by !== 'value') throw new TemplateError('You can only sort by either "key" or "value"');
  const dict = dictOf(value);
  const read = caseGetter(undefined, caseSensitive);
  const pairs = [...dict.entries()].map(entry => new Tuple(entry));
  return sorted(pairs, pair => read((pair as Tuple).items[by === 'key' ? 0 : 1] as Value), reverse, call);
}

function dictOf(value: Value): Dict {
  if (value instanceof Undefined) value.fail();
  if (value instanceof Dict) return value;
  throw new TemplateError(`'${typeOf(value)}' object has no attribute 'items'`);
}

function* pairsOf(value: Value): Iterable<Value> {
  if (value instanceof Undefined) return;
  if (!(value instanceof Dict)) throw new TemplateError('Can only get item pairs from a mapping.');
  for (const entry of value.entries()) yield new Tuple(entry);
}

const isReversible = (value: Value) => lengthOf(value) !== undefined && !(value instanceof Undefined);

const lengthFilter: Filter = (value, call) => {
  given('length', call, []);
  const length = lengthOf(value);
  if (length === undefined) throw new TemplateError(`object of type '${typeOf(value)}' has no len()`);
  return BigInt(length);
};

const filters: Record<string, Filter> = {
  batch: (value, call) => {
    const [size, fill = null] = given('batch', call, ['linecount', 'fill_with'], 1);
    return new Lazy('do_batch', batches(value, wholeArgument(size, 0), fill, call));
  },
  count: lengthFilter,
  dictsort: dictSorted,
  first: value => {
    const { done, value: item } = iterate(value)[Symbol.iterator]().next();
    return done === true ? new Undefined('No first item, sequence was empty.') : item;
  },
  groupby: groups,
  items: value => new Lazy('do_items', pairsOf(value)),
  join: (value, call) => {
    const [separator = '', attribute] = given('join', call, ['d', 'attribute']);
    const parts = listOf(value, call.meter).map(item => textOf(getter(attribute)(item), call.meter));
    const between = plainText(separator, call.meter);
    call.meter.spend(between.length * parts.length);
    return parts.join(between);
  },
  last: (value, call) => {
    if (!isReversible(value) && !(value instanceof Undefined))
      throw new TemplateError(`'${typeOf(value)}' object is not reversible`);
    return orElse(listOf(value, call.meter).at(-1), () => new Undefined('No last item, sequence was empty.'));
  },
  length: lengthFilter,
  list: (value, call) => listOf(value, call.meter),
  max: extreme('max', order => order > 0),
  min: extreme('min', order => order < 0),
  reject: selecting('reject', { wanted: false, byAttribute: false }),
  rejectattr: selecting('rejectattr', { wanted: false, byAttribute: true }),
  reverse: (value, call) =>
    isText(value)
      ? sliceOf(plain(value), [undefined, undefined, -1n], call.meter)
      : isReversible(value)
        ? new Lazy('reversed', listOf(value, call.meter).reverse())
        : listOf(value, call.meter).reverse(),
  select: selecting('select', { wanted: true, byAttribute: false }),
  selectattr: selecting('selectattr', { wanted: true, byAttribute: true }),
  slice: (value, call) => {
    const [count, fill = null] = given('slice', call, ['slices', 'fill_with'], 1);
    const number = wholeArgument(count, 1);
    if (number < 1) throw new TemplateError('integer division or modulo by zero');
    call.meter.spend(number);
    return new Lazy('sync_do_slice', slices(value, number, fill, call));
  },
  sort: (value, call) => {
    const [reverse, caseSensitive, attribute] = given('sort', call, [
      'reverse',
      'case_sensitive',
      'attribute',
    ]);
    const wanted = unlessNone(attribute);
    const attributes = wanted !== undefined && isText(wanted) ? plain(wanted).split(',') : [wanted];
    const readers = attributes.map(one => caseGetter(one, caseSensitive));
    return sorted(
      listOf(value, call.meter),
      item => new Tuple(readers.map(read => read(item))),
      reverse,
      call,
    );
  },
  sum: (value, call) => {
    const [attribute, start = 0n] = given('sum', call, ['attribute', 'start']);
    if (isText(start)) throw new TemplateError("sum() can't sum strings [use ''.join(seq) instead]");
    const read = getter(attribute);
    return listOf(value, call.meter).reduce((sum, item) => combine('+', sum, read(item), call.meter), start);
  },
  unique: (value, call) => {
    const [caseSensitive, attribute] = given('unique', call, ['case_sensitive', 'attribute']);
    return new Lazy('sync_do_unique', uniqueItems(value, caseGetter(attribute, caseSensitive), call));
  },
};
