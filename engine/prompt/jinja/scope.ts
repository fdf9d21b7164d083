// Names and what they stand for, as Jinja nests them: what a block sets is gone behind it.
import { Undefined, type Value } from './values.ts';

export class Scope {
  readonly #values = new Map<string, Value>();

  constructor(private readonly outer?: Scope) {}

  set(name: string, value: Value): void {
    this.#values.set(name, value);
  }
  get(name: string): Value {
    for (let scope: Scope | undefined = this; scope; scope = scope.outer) {
      const value = scope.#values.get(name);
      if (value !== undefined) return value;
    }
    return new Undefined(`'${name}' is undefined`);
  }
}
