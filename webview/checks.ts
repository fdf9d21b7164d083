// Tests of values from outside, put together into tests of whole messages. Pure.

export type Test = (value: unknown) => boolean;
/** One test for every field of T, so that a field added to the contract cannot be forgotten here. */
type Fields<T> = { [Key in keyof T]-?: Test };

export const text: Test = value => typeof value === 'string';
export const flag: Test = value => typeof value === 'boolean';
export const number: Test = value => typeof value === 'number' && Number.isFinite(value);
export const oneOf =
  (...values: unknown[]): Test =>
  value =>
    values.includes(value);
export const optional =
  (test: Test): Test =>
  value =>
    value === undefined || test(value);
export const listOf =
  (test: Test): Test =>
  value =>
    Array.isArray(value) && value.every(test);

/** An object in which each of the fields passes its test. */
export function shape<T>(fields: Fields<T>): Test {
  const tests = Object.entries<Test>(fields);
  return value => {
    if (typeof value !== 'object' || value === null) return false;
    const record = value as Record<string, unknown>;
    return tests.every(([name, test]) => test(record[name]));
  };
}
