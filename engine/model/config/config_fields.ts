// Typed, checked access to the fields of a configuration record. Each failure names the field and its value.
import { describeValue } from '../../checkpoint/describe_value.ts';
import { errors } from '../../protocol/errors.ts';
import type { HearthError } from '../../protocol/errors.ts';
import { phrase, type Phrase } from '../../protocol/phrase.ts';

/** Largest legal value by kind of field: far above any model, low enough that products stay exact. */
export const sizeLimits = {
  width: 1 << 20,
  layers: 1024,
  heads: 4096,
  headDim: 4096,
  experts: 1 << 16,
  vocabulary: 1 << 24,
  contextTokens: 1 << 28,
  convKernel: 16,
} as const;

/** One record of settings; `prefix` is put before each field's name, in look-ups and in messages. */
export class ConfigFields {
  constructor(
    private readonly path: string,
    private readonly record: Record<string, unknown>,
    private readonly prefix = '',
  ) {}

  /** True when the field is there and not null. */
  has(field: string): boolean {
    return this.value(field) !== undefined;
  }

  /** The field as found; undefined when absent or null. */
  value(field: string): unknown {
    const key = this.prefix + field;
    // Own fields only: a field called "constructor" is not there unless the file has it.
    return Object.hasOwn(this.record, key) ? (this.record[key] ?? undefined) : undefined;
  }

  /** A whole number from `min` to `max`; `fallback` when absent, which without a fallback is an error. */
  integer(field: string, bounds: { min?: number; max: number; fallback?: number }): number {
    const { min = 1, max, fallback } = bounds;
    const value = this.value(field) ?? fallback;
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
    throw this.bad(field, phrase`a whole number from ${min} to ${max}`);
  }

  /** A finite number above `above`, at most `max`. */
  number(field: string, bounds: { above?: number; max: number; fallback?: number }): number {
    const { above = 0, max, fallback } = bounds;
    const value = this.value(field) ?? fallback;
    if (typeof value === 'number' && value > above && value <= max) return value;
    throw this.bad(field, phrase`a number above ${above}, at most ${max}`);
  }

  optionalNumber(field: string, bounds: { above?: number; max: number }): number | undefined {
    return this.has(field) ? this.number(field, bounds) : undefined;
  }

  boolean(field: string, fallback: boolean): boolean {
    const value = this.value(field) ?? fallback;
    if (typeof value === 'boolean') return value;
    throw this.bad(field, phrase`true or false`);
  }

  string(field: string): string | undefined {
    const value = this.value(field);
    if (value === undefined || typeof value === 'string') return value;
    throw this.bad(field, phrase`a text`);
  }

  array(field: string): unknown[] | undefined {
    const value = this.value(field);
    if (value === undefined || Array.isArray(value)) return value;
    throw this.bad(field, phrase`a list`);
  }

  /** A nested record; empty when absent. */
  nested(field: string): ConfigFields {
    const value = this.value(field) ?? {};
    if (typeof value !== 'object' || Array.isArray(value)) throw this.bad(field, phrase`an object`);
    return new ConfigFields(this.path, value as Record<string, unknown>);
  }

  /** The error for a field that is not what it must be. */
  bad(field: string, expected: Phrase): HearthError {
    const found = describeValue(this.value(field));
    return errors.badCheckpoint(this.path, phrase`${this.prefix}${field} is ${found}, not ${expected}`);
  }
}
