// Command line -> checked options; a wrong one is a usage error that names it.
import { readFileSync } from 'node:fs';
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { errors } from '../protocol/errors.ts';

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
      throw errors.badUsage(cause instanceof Error ? cause.message : String(cause));
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
    if (value === undefined) throw errors.badUsage(`--${name} is missing.`);
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
  requiredNumber(name: string, bounds: { min?: number }): number {
    this.required(name);
    return this.number(name, 0, bounds);
  }
  number(
    name: string,
    fallback: number,
    { min = 0, integer = true }: { min?: number; integer?: boolean } = {},
  ): number {
    const value = this.optional(name);
    if (value === undefined) return fallback;
    const parsed = Number(value);
    if (
      value.trim() === '' ||
      !Number.isFinite(parsed) ||
      parsed < min ||
      (integer && !Number.isInteger(parsed))
    )
      throw errors.badUsage(
        `--${name} must be ${integer ? 'a whole number' : 'a number'} from ${min}, not "${value}".`,
      );
    return parsed;
  }
}
