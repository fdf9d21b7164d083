// What every template may call: Jinja's own functions, and those that transformers adds for chat templates.
import { given, textArgument } from './call.ts';
import { dateText } from './date_text.ts';
import { numeric } from './numbers.ts';
import {
  Callable,
  Dict,
  isText,
  iterate,
  LimitError,
  listOf,
  Namespace,
  plain,
  Range,
  TemplateError,
  typeOf,
  type Call,
  type Value,
} from './values.ts';

/** Items of one range(); the sandbox that templates are made for allows as many. */
const rangeMax = 100_000;

export const globals: ReadonlyMap<string, Value> = new Map(
  [
    new Callable('range', range, 'type'),
    new Callable('dict', dictFrom, 'type'),
    new Callable('namespace', namespace, 'type'),
    new Callable('joiner', joiner, 'type'),
    new Callable('cycler', cycler, 'type'),
    new Callable('raise_exception', ({ args: [message] }) => {
      throw new TemplateError(
        message !== undefined && isText(message) ? plain(message) : 'it raises an exception',
      );
    }),
    new Callable('strftime_now', call =>
      dateText(textArgument(given('strftime_now', call, ['format'], 1)[0], 'strftime_now'), new Date()),
    ),
  ].map(callable => [callable.name, callable]),
);

function range(call: Call): Value {
  const bounds = given('range', call, ['start', 'stop', 'step'], 1).map(bound => {
    const number = bound === undefined ? undefined : numeric(bound);
    if (bound !== undefined && typeof number !== 'bigint')
      throw new TemplateError(`range() takes whole numbers, not ${typeOf(bound)}`);
    return number as bigint | undefined;
  });
  const [first = 0n, second, step = 1n] = bounds;
  if (step === 0n) throw new TemplateError('range() arg 3 must not be zero');
  const made = second === undefined ? new Range(0n, first, 1n) : new Range(first, second, step);
  if (made.count > rangeMax) throw new LimitError(`it counts to ${made.count}`);
  return made;
}

function dictFrom({ args: [from], named, meter }: Call): Dict {
  const dict = new Dict();
  if (from instanceof Dict) for (const [key, value] of from.entries()) dict.set(key, value);
  else
    for (const pair of from === undefined ? [] : iterate(from)) {
      const [key, value, ...rest] = listOf(pair, meter);
      if (key === undefined || value === undefined || rest.length > 0)
        throw new TemplateError('dict() takes pairs of a key and a value');
      dict.set(key, value);
    }
  for (const [key, value] of named) dict.set(key, value);
  return dict;
}

function namespace(call: Call): Value {
  const made = new Namespace();
  for (const [key, value] of dictFrom(call).entries()) made.fields.set(key, value);
  return made;
}

/** Gives nothing the first time, then the separator. */
function joiner(call: Call): Value {
  const [separator = ', '] = given('joiner', call, ['sep']);
  let used = false;
  const say = () => {
    const text = used ? separator : '';
    used = true;
    return text;
  };
  return new Callable('joiner', say, 'Joiner');
}

/** Gives its items in turn. */
function cycler({ args }: Call): Value {
  if (args.length === 0) throw new TemplateError('at least one item has to be provided');
  let at = 0;
  const fail = () => {
    throw new TemplateError("'Cycler' object is not callable");
  };
  const current = () => args[at] as Value;
  const next = new Callable('next', () => {
    const item = current();
    at = (at + 1) % args.length;
    return item;
  });
  const reset = new Callable('reset', () => {
    at = 0;
    return null;
  });
  const attributes = new Map<string, () => Value>([
    ['current', current],
    ['next', () => next],
    ['reset', () => reset],
  ]);
  return new Callable('cycler', fail, 'Cycler', attributes);
}
