// How functions, filters and methods get what they are called with, by the names of their parameters.
import { wholeNumber } from './numbers.ts';
import { TemplateError, isText, plain, typeOf, Undefined, type Call, type Value } from './values.ts';

/** What was given for each of `names`, in that order; the first `required` of them must be. */
export function given(
  name: string,
  call: Call,
  names: readonly string[],
  required = 0,
): (Value | undefined)[] {
  if (call.args.length > names.length)
    throw new TemplateError(`${name}() takes at most ${names.length} arguments (${call.args.length} given)`);
  const values: (Value | undefined)[] = names.map((_, i) => call.args[i]);
  for (const [key, value] of call.named) {
    const at = names.indexOf(key);
    if (at < 0) throw new TemplateError(`${name}() got an unexpected keyword argument '${key}'`);
    if (values[at] !== undefined)
      throw new TemplateError(`${name}() got multiple values for argument '${key}'`);
    values[at] = value;
  }
  const missing = names.slice(0, required).find((_, i) => values[i] === undefined);
  if (missing !== undefined) throw new TemplateError(`${name}() missing a required argument: '${missing}'`);
  return values;
}

/** An argument that must be text. */
export function textArgument(value: Value | undefined, name: string): string {
  if (value !== undefined && isText(value)) return plain(value);
  throw new TemplateError(`${name}() wants a str, not ${value === undefined ? 'nothing' : typeOf(value)}`);
}

/** An argument that must be a whole number, where it was given. */
export const wholeArgument = (value: Value | undefined, otherwise: number): number =>
  value === undefined ? otherwise : wholeNumber(value);

/** An argument that may also be none. */
export const unlessNone = (value: Value | undefined): Value | undefined =>
  value === null ? undefined : value;

/** Fails for what is undefined, as Python does as soon as anything is done with it. */
export function defined(value: Value): Exclude<Value, Undefined> {
  return value instanceof Undefined ? value.fail() : value;
}
