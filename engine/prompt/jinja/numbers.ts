// Numbers as Python reads and writes them.
import { LimitError, TemplateError, type Value, typeOf, isText, plain, Undefined } from './values.ts';

/** Python itself writes and reads no integers of more digits. */
const intDigitsMax = 4300;
/** Bits of an integer that is worth computing. */
const intBitsMax = 100_000;

export function intText(value: bigint): string {
  const text = value.toString();
  if (text.length > intDigitsMax + 1)
    throw new TemplateError(`Exceeds the limit (${intDigitsMax} digits) for integer string conversion`);
  return text;
}

/** The shortest text that is read as the same float, with an exponent below 1e-4 and from 1e16. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const [mantissa, exponent] = value.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  if (power < -4 || power >= 16)
    return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  const text = power < 0 && value !== 0 ? value.toFixed(decimalsOf(mantissa) - power) : String(value);
  return text.includes('.') ? text : `${text}.0`;
}

const decimalsOf = (mantissa: string) => (/\.(\d+)$/.exec(mantissa)?.[1] ?? '').length;

/** A float with so many decimals; halves go to the even digit, and its exact binary value decides what is a half. */
export function fixedText(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return floatText(value);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const { numerator, denominator } = fraction(Math.abs(value));
  const digits = roundHalfEven(numerator * 10n ** BigInt(decimals), denominator)
    .toString()
    .padStart(decimals + 1, '0');
  const cut = digits.length - decimals;
  return sign + digits.slice(0, cut) + (decimals > 0 ? `.${digits.slice(cut)}` : '');
}

/** Rounded to so many decimals, fewer than none too. */
export function roundFloat(value: number, decimals: number): number {
  if (!Number.isFinite(value) || decimals > 320) return value;
  if (decimals >= 0) return Number(fixedText(value, decimals));
  const unit = 10n ** BigInt(Math.min(-decimals, 400));
  const { numerator, denominator } = fraction(Math.abs(value));
  return Math.sign(value) * Number(roundHalfEven(numerator, denominator * unit) * unit);
}

export function roundInt(value: bigint, decimals: number): bigint {
  if (decimals >= 0) return value;
  const unit = 10n ** BigInt(Math.min(-decimals, intDigitsMax));
  const rounded = roundHalfEven(value < 0n ? -value : value, unit) * unit;
  return value < 0n ? -rounded : rounded;
}

/** A finite float as the fraction it is. */
function fraction(value: number): { numerator: bigint; denominator: bigint } {
  let exponent = 0;
  let whole = value;
  while (!Number.isInteger(whole)) {
    whole *= 2;
    exponent++;
  }
  return { numerator: BigInt(whole), denominator: 1n << BigInt(exponent) };
}

function roundHalfEven(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  const isUp = twice > denominator || (twice === denominator && quotient % 2n === 1n);
  return isUp ? quotient + 1n : quotient;
}

export type Numeric = bigint | number;

/** A number, or a boolean as the number it is. */
export function numeric(value: Value): Numeric | undefined {
  if (typeof value === 'boolean') return BigInt(value);
  return typeof value === 'bigint' || typeof value === 'number' ? value : undefined;
}

/** A value that must be a whole number, as an index or a width. */
export function wholeNumber(value: Value): number {
  if (value instanceof Undefined) value.fail();
  const number = numeric(value);
  if (typeof number !== 'bigint')
    throw new TemplateError(`'${typeOf(value)}' object cannot be interpreted as an integer`);
  return Number(number);
}

/** int(text), in a base; nothing when it is none. Base 0 goes by the prefix. */
export function parseInteger(text: string, base = 10): bigint | undefined {
  const match = /^([+-]?)(?:0([xob])_?)?([0-9a-z]+(?:_[0-9a-z]+)*)$/.exec(trimmed(text).toLowerCase());
  if (!match) return undefined;
  const [, sign, letter, digits = ''] = match;
  const bases: Record<string, number> = { x: 16, o: 8, b: 2 };
  const prefixed = letter === undefined ? undefined : bases[letter];
  if (prefixed !== undefined && base !== 0 && base !== prefixed) {
    // "0b1" is a plain number in base 16.
    return base > 11 ? digitsIn(`0${letter}${digits}`, base, sign === '-') : undefined;
  }
  return digitsIn(digits, prefixed ?? (base === 0 ? 10 : base), sign === '-');
}

function digitsIn(digits: string, base: number, isNegative: boolean): bigint | undefined {
  const plainDigits = digits.replaceAll('_', '');
  if (plainDigits.length > intDigitsMax) throw new LimitError('it reads too long a number');
  let value = 0n;
  for (const digit of plainDigits) {
    const worth = Number.parseInt(digit, 36);
    if (!(worth < base)) return undefined;
    value = value * BigInt(base) + BigInt(worth);
  }
  return isNegative ? -value : value;
}

/** float(text); nothing when it is none. */
export function parseFloatText(text: string): number | undefined {
  const word = trimmed(text).toLowerCase();
  const special = /^([+-]?)(inf|infinity|nan)$/.exec(word);
  if (special) return special[2] === 'nan' ? NaN : special[1] === '-' ? -Infinity : Infinity;
  const isNumber = /^[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+(_\d+)*)?$/.test(word);
  return isNumber ? Number(word.replaceAll('_', '')) : undefined;
}

const trimmed = (text: string) => text.replace(/^[\s\u001c-\u001f\u0085]+|[\s\u001c-\u001f\u0085]+$/g, '');

/** int(value) of a number or text; nothing when Python refuses. */
export function toInteger(value: Value): bigint | undefined {
  if (value instanceof Undefined) value.fail();
  if (isText(value)) return parseInteger(plain(value));
  const number = numeric(value);
  if (typeof number !== 'number') return number;
  if (Number.isNaN(number)) return undefined;
  if (!Number.isFinite(number)) throw new TemplateError('cannot convert float infinity to integer');
  return BigInt(Math.trunc(number));
}

/** float(value) of a number or text; nothing when Python refuses. */
export function toFloat(value: Value): number | undefined {
  if (value instanceof Undefined) value.fail();
  if (isText(value)) return parseFloatText(plain(value));
  const number = numeric(value);
  return number === undefined ? undefined : floatOf(number);
}

/** A number as a float; an integer that is too large for one fails. */
export function floatOf(number: Numeric): number {
  const float = Number(number);
  if (typeof number === 'bigint' && !Number.isFinite(float))
    throw new TemplateError('int too large to convert to float');
  return float;
}

/** One of + - * / // % ** on two numbers. */
export function arithmetic(operator: string, left: Numeric, right: Numeric): Numeric {
  if (typeof left === 'bigint' && typeof right === 'bigint') return integerArithmetic(operator, left, right);
  const [a, b] = [floatOf(left), floatOf(right)];
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '**':
      return power(a, b);
  }
  if (b === 0)
    throw new TemplateError(operator === '/' ? 'float division by zero' : 'float floor division by zero');
  if (operator === '/') return a / b;
  const rest = a % b;
  const modulo = rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest === 0 ? (b < 0 ? -0 : 0) : rest;
  if (operator === '%') return modulo;
  const quotient = (a - modulo) / b;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : quotient === 0 ? (a / b < 0 ? -0 : 0) : floor;
}

function integerArithmetic(operator: string, a: bigint, b: bigint): Numeric {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      limitBits(bitsOf(a) + bitsOf(b));
      return a * b;
    case '**':
      if (b < 0n) return power(floatOf(a), floatOf(b));
      limitBits(bitsOf(a) * Number(b));
      return a ** b;
  }
  if (b === 0n)
    throw new TemplateError(operator === '/' ? 'division by zero' : 'integer division or modulo by zero');
  if (operator === '/') return quotientOf(a, b);
  const rest = a % b;
  const isOff = rest !== 0n && rest < 0n !== b < 0n;
  if (operator === '%') return isOff ? rest + b : rest;
  return isOff ? a / b - 1n : a / b;
}

/** True division. Of integers that floats cannot hold, the quotient is rounded once. */
function quotientOf(a: bigint, b: bigint): number {
  const [x, y] = [Number(a), Number(b)];
  if (Number.isSafeInteger(x) && Number.isSafeInteger(y)) return x / y;
  const shift = BigInt(Math.max(0, 66 - (bitsOf(a) - bitsOf(b))));
  const [numerator, denominator] = [(a < 0n ? -a : a) << shift, b < 0n ? -b : b];
  // The last bit says that something was cut off, so that a half is not taken for one.
  const quotient = ((numerator / denominator) << 1n) | (numerator % denominator === 0n ? 0n : 1n);
  const value = Number(quotient) / 2 ** (Number(shift) + 1);
  return a < 0n !== b < 0n ? -value : value;
}

function power(a: number, b: number): number {
  if (a === 0 && b < 0) throw new TemplateError('0.0 cannot be raised to a negative power');
  if (a < 0 && !Number.isInteger(b)) throw new TemplateError('it takes a root of a negative number');
  const value = a ** b;
  if (!Number.isFinite(value) && Number.isFinite(a) && Number.isFinite(b))
    throw new TemplateError('Numerical result out of range');
  return a === 1 ? 1 : value;
}

const bitsOf = (value: bigint) => value.toString(16).length * 4;

function limitBits(bits: number): void {
  if (bits > intBitsMax) throw new LimitError('it computes too large a number');
}
