// Command line -> checked options; a wrong one is a usage error that names it.
import { readFileSync } from 'node:fs';
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { errors, reasonOf } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';

/** What numbers an option takes; unset: whole ones from 0. */
interface Bounds {
  min?: number;
  max?: number;
  integer?: boolean;
}
type Values = Record<string, string | string[] | boolean | undefined>;

export class Options {
  private constructor(private readonly values: Values) {}

  /** `text` options take a value, `lists` one each time they are given, `flags` none. Throws badUsage for unknown ones. */
  static parse(
    args: readonly string[],
    {
      text,
      lists = [],
      flags,
    }: { text: readonly string[]; lists?: readonly string[]; flags: readonly string[] },
  ): Options {
    const options: ParseArgsOptionsConfig = Object.fromEntries([
      ...text.map(name => [name, { type: 'string' as const }]),
      ...lists.map(name => [name, { type: 'string' as const, multiple: true }]),
      ...flags.map(name => [name, { type: 'boolean' as const }]),
    ]);
    try {
      return new Options(parseArgs({ args: [...args], options, strict: true }).values as Values);
    } catch (cause) {
      throw errors.badUsage(phrase`${reasonOf(cause)}`);
    }
  }

  flag(name: string): boolean {
    return this.values[name] === true;
  }
  optional(name: string): string | undefined {
    const value = this.values[name];
    return typeof value === 'string' ? value : undefined;
  }
  /** Every value given, in order. */
  list(name: string): string[] {
    const value = this.values[name];
    return Array.isArray(value) ? value : [];
  }
  required(name: string): string {
    const value = this.optional(name);
    if (value === undefined) throw errors.badUsage(phrase`--${name} is missing.`);
    return value;
  }
  /** A value, or the contents of the file named after @. */
  textOrFile(name: string): string {
    const value = this.required(name);
    if (!value.startsWith('@')) return value;
    try {
      return readFileSync(value.slice(1), 'utf8');
    } catch (cause) {
      throw errors.fileUnreadable(value.slice(1), cause);
    }
  }
  requiredNumber(name: string, bounds: Bounds): number {
    this.required(name);
    return this.number(name, 0, bounds);
  }
  number(name: string, fallback: number, bounds: Bounds = {}): number {
    return this.optionalNumber(name, bounds) ?? fallback;
  }
  /** Undefined when it was not given. Throws badUsage for what is no number within the bounds. */
  optionalNumber(name: string, { min = 0, max = Infinity, integer = true }: Bounds = {}): number | undefined {
    const value = this.optional(name);
    if (value === undefined) return undefined;
    const parsed = value.trim() === '' ? NaN : Number(value);
    const fits = Number.isFinite(parsed) && parsed >= min && parsed <= max;
    if (fits && (!integer || Number.isInteger(parsed))) return parsed;
    const range = max === Infinity ? `from ${min}` : `from ${min} to ${max}`;
    throw errors.badUsage(
      phrase`--${name} must be ${integer ? 'a whole number' : 'a number'} ${range}, not "${value}".`,
    );
  }
}
