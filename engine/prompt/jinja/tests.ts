// What `is` can ask: the tests of Python's Jinja.
import { given } from './call.ts';
import { contains } from './compare.ts';
import { combine, isSo } from './operators.ts';
import { textOf } from './text.ts';
import { textMethod } from './text_methods.ts';
import {
  Callable,
  Dict,
  DictView,
  isText,
  Lazy,
  Loop,
  Markup,
  Namespace,
  plain,
  Range,
  TemplateError,
  Tuple,
  Undefined,
  type Call,
  type Value,
} from './values.ts';

type Test = (value: Value, call: Call) => boolean;

/** Throws for a test that there is none of. */
export function runTest(name: string, value: Value, call: Call): boolean {
  const test = Object.hasOwn(tests, name) ? tests[name] : undefined;
  if (!test) throw new TemplateError(`No test named '${name}'.`);
  return test(value, call);
}

/** A test that is asked nothing beside the value. */
const plainly =
  (test: (value: Value) => boolean): Test =>
  (value, call) => {
    given('test', call, []);
    return test(value);
  };

const other = (call: Call) => given('test', call, ['other'], 1)[0] as Value;

const compared =
  (operator: string): Test =>
  (value, call) =>
    isSo(operator, value, other(call), call.meter);

/** Whether the rest by a number is another one. */
const leaves = (value: Value, by: Value, rest: bigint, { meter }: Call) =>
  isSo('==', combine('%', value, by, meter), rest, meter);

/** What str has a method for. */
const asksText =
  (method: string): Test =>
  (value, call) =>
    textMethod(textOf(value, call.meter), method)?.call(call) === true;

const isSequence = (value: Value) =>
  isText(value) ||
  Array.isArray(value) ||
  value instanceof Tuple ||
  value instanceof Dict ||
  value instanceof Range ||
  value instanceof Undefined;

const tests: Record<string, Test> = {
  boolean: plainly(value => typeof value === 'boolean'),
  callable: plainly(
    value => value instanceof Callable || value instanceof Undefined || value instanceof Loop,
  ),
  defined: plainly(value => !(value instanceof Undefined)),
  divisibleby: (value, call) => leaves(value, given('divisibleby', call, ['num'], 1)[0] as Value, 0n, call),
  escaped: plainly(value => value instanceof Markup),
  even: (value, call) => leaves(value, 2n, 0n, call),
  false: plainly(value => value === false),
  float: plainly(value => typeof value === 'number'),
  in: (value, call) => contains(other(call), value, call.meter),
  integer: plainly(value => typeof value === 'bigint'),
  iterable: plainly(
    value => isSequence(value) || value instanceof DictView || value instanceof Lazy || value instanceof Loop,
  ),
  lower: asksText('islower'),
  mapping: plainly(value => value instanceof Dict),
  none: plainly(value => value === null),
  number: plainly(value => ['bigint', 'number', 'boolean'].includes(typeof value)),
  odd: (value, call) => leaves(value, 2n, 1n, call),
  sameas: (value, call) => Object.is(value, other(call)),
  sequence: plainly(value => isSequence(value) && !(value instanceof Namespace)),
  string: plainly(isText),
  true: plainly(value => value === true),
  undefined: plainly(value => value instanceof Undefined),
  upper: asksText('isupper'),
  test: plainly(value => isText(value) && Object.hasOwn(tests, plain(value))),
  ...Object.fromEntries(
    [
      ['==', 'eq', 'equalto'],
      ['!=', 'ne'],
      ['<', 'lt', 'lessthan'],
      ['<=', 'le'],
      ['>', 'gt', 'greaterthan'],
      ['>=', 'ge'],
    ].flatMap(names => names.map(name => [name, compared(names[0] as string)])),
  ),
};
