// What stands behind a dot or in brackets: items, and the methods that Python's types have. Those that would change a value
// are not there, as in the sandbox that templates are made for.
import { given } from './call.ts';
import { equal } from './compare.ts';
import { formatBraces } from './format.ts';
import { itemOf } from './operators.ts';
import { reprOf } from './text.ts';
import { textMethod } from './text_methods.ts';
import {
  Callable,
  Dict,
  DictView,
  isText,
  Loop,
  type Markup,
  Meter,
  Namespace,
  orElse,
  plain,
  TemplateError,
  Tuple,
  typeOf,
  Undefined,
  type Call,
  type Value,
} from './values.ts';

/** `value.name`: what the type has of that name, else the item. */
export function attributeOf(value: Value, name: string): Value {
  if (value instanceof Undefined) value.fail();
  if (name.startsWith('_') || isForbidden(value, name))
    return new Undefined(`access to attribute '${name}' of '${typeOf(value)}' object is unsafe.`);
  return orElse(memberOf(value, name), () => orElse(itemOf(value, name), () => missing(value, name)));
}

/** `value[key]`: the item, else what the type has of that name. */
export function subscriptOf(value: Value, key: Value): Value {
  if (value instanceof Undefined) value.fail();
  const member = () => (isText(key) && !plain(key).startsWith('_') ? memberOf(value, plain(key)) : undefined);
  return orElse(itemOf(value, key), () => orElse(member(), () => missing(value, key)));
}

function missing(value: Value, key: Value): Undefined {
  const whose = value === null ? 'None' : `${typeOf(value)} object`;
  const what = isText(key) ? 'attribute' : 'element';
  return new Undefined(`'${whose}' has no ${what} ${reprOf(key, new Meter(1_000_000))}`);
}

const forbidden = {
  dict: ['clear', 'pop', 'popitem', 'setdefault', 'update'],
  list: ['append', 'clear', 'extend', 'insert', 'pop', 'remove', 'reverse', 'sort'],
};

function isForbidden(value: Value, name: string): boolean {
  if (value instanceof Dict) return forbidden.dict.includes(name);
  return Array.isArray(value) && forbidden.list.includes(name);
}

/** What a value's type has of a name. */
export function memberOf(value: Value, name: string): Value | undefined {
  if (isText(value)) return name === 'format' ? formatMethod(value) : textMethod(value, name);
  if (value instanceof Dict) return dictMethod(value, name);
  if (Array.isArray(value)) return itemsMethod(value, name);
  if (value instanceof Tuple) {
    const named = value.named(name);
    return named === undefined ? itemsMethod(value.items, name) : named;
  }
  if (value instanceof Namespace) return value.fields.get(name);
  if (value instanceof Loop) return loopMember(value, name);
  return value instanceof Callable ? value.attributes.get(name)?.() : undefined;
}

const formatMethod = (text: string | Markup) =>
  new Callable('format', call => formatBraces(text, call, { attribute: attributeOf, item: subscriptOf }));

function dictMethod(dict: Dict, name: string): Value | undefined {
  switch (name) {
    case 'keys':
    case 'values':
    case 'items':
      return new Callable(name, call => {
        given(name, call, []);
        return new DictView(dict, name);
      });
    case 'copy':
      return new Callable(name, () => dict);
    case 'get':
      return new Callable(name, call => {
        const [key, otherwise = null] = given(name, call, ['key', 'default'], 1);
        return orElse(dict.get(key as Value), () => otherwise);
      });
    default:
      return undefined;
  }
}

function itemsMethod(items: readonly Value[], name: string): Value | undefined {
  const wanted = (call: Call) => given(name, call, ['value'], 1)[0] as Value;
  switch (name) {
    case 'count':
      return new Callable(name, call => {
        const value = wanted(call);
        return BigInt(items.filter(item => equal(item, value, call.meter)).length);
      });
    case 'index':
      return new Callable(name, call => {
        const value = wanted(call);
        const at = items.findIndex(item => equal(item, value, call.meter));
        if (at < 0) throw new TemplateError(`${reprOf(value, call.meter)} is not in list`);
        return BigInt(at);
      });
    case 'copy':
      return new Callable(name, () => items);
    default:
      return undefined;
  }
}

function loopMember(loop: Loop, name: string): Value | undefined {
  switch (name) {
    case 'index':
      return BigInt(loop.index0 + 1);
    case 'index0':
      return BigInt(loop.index0);
    case 'length':
      return BigInt(loop.length);
    case 'revindex':
      return BigInt(loop.length - loop.index0);
    case 'revindex0':
      return BigInt(loop.length - loop.index0 - 1);
    case 'first':
      return loop.index0 === 0;
    case 'last':
      return loop.peek() === undefined;
    case 'depth':
      return BigInt(loop.depth0 + 1);
    case 'depth0':
      return BigInt(loop.depth0);
    case 'previtem':
      return orElse(loop.previous, () => new Undefined('there is no previous item'));
    case 'nextitem':
      return orElse(loop.peek(), () => new Undefined('there is no next item'));
    case 'cycle':
      return new Callable(name, ({ args }) => {
        if (args.length === 0) throw new TemplateError('no items for cycling given');
        return args[loop.index0 % args.length] as Value;
      });
    case 'changed':
      return new Callable(name, ({ args, meter }) => {
        const now = new Tuple(args);
        const isSame = loop.changedWith !== undefined && equal(loop.changedWith, now, meter);
        loop.changedWith = now;
        return !isSame;
      });
    default:
      return undefined;
  }
}
