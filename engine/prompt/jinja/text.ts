// Values as text: what str(), repr() and a printed expression give in Python.
import { floatText, intText } from './numbers.ts';
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
  Tuple,
  Undefined,
  type Meter,
  type Value,
} from './values.ts';

/** str(value). */
export function textOf(value: Value, meter: Meter): string {
  if (typeof value === 'string') return value;
  if (value instanceof Markup) return value.text;
  if (value instanceof Undefined) return '';
  return reprOf(value, meter);
}

/** repr(value). Values may stand in each other many times, so every piece is paid for. */
export function reprOf(value: Value, meter: Meter): string {
  const text = pieceOf(value, meter);
  meter.spend(1 + text.length);
  return text;
}

function pieceOf(value: Value, meter: Meter): string {
  const inner = (items: readonly Value[]) => items.map(item => reprOf(item, meter)).join(', ');
  const pairs = (dict: Dict) =>
    [...dict.entries()].map(([key, item]) => `${reprOf(key, meter)}: ${reprOf(item, meter)}`).join(', ');
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'bigint') return intText(value);
  if (typeof value === 'number') return floatText(value);
  if (typeof value === 'string') return quoted(value);
  if (value instanceof Markup) return `Markup(${quoted(value.text)})`;
  if (value instanceof Undefined) return 'Undefined';
  if (value instanceof Tuple)
    return value.items.length === 1 ? `(${inner(value.items)},)` : `(${inner(value.items)})`;
  if (value instanceof Dict) return `{${pairs(value)}}`;
  if (value instanceof Namespace) return `<Namespace {${pairs(value.fields)}}>`;
  if (value instanceof DictView) return `dict_${value.kind}([${inner(value.items)}])`;
  if (value instanceof Range)
    return `range(${inner(value.step === 1n ? [value.start, value.stop] : [value.start, value.stop, value.step])})`;
  if (value instanceof Loop) return `<LoopContext ${value.index0 + 1}/${value.length}>`;
  if (value instanceof Callable)
    return value.kind === 'type' ? `<class '${value.name}'>` : `<${value.kind} ${quoted(value.name)}>`;
  if (value instanceof Lazy) return `<generator object ${value.name}>`;
  return `[${inner(value)}]`;
}

const quick = /^[ !#-&(-[\]-~]*$/;
/**
 * What Python does not print as it is. Lone surrogates stay: no text has any but the marks of engine/tokenizer/shield.ts, which
 * must come through.
 */
const special = /[\\'\n\r\t]|(?! )[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Z}]/gu;

/** A text in quotes, as Python writes it. */
export function quoted(text: string): string {
  if (quick.test(text)) return `'${text}'`;
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text.replace(special, character =>
    character === "'" && quote === '"' ? "'" : escaped(character),
  );
  return quote + body + quote;
}

function escaped(character: string): string {
  const known: Record<string, string> = { '\\': '\\\\', "'": "\\'", '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  const code = character.codePointAt(0) as number;
  const hex = (digits: number) => code.toString(16).padStart(digits, '0');
  return (
    known[character] ?? (code < 0x100 ? `\\x${hex(2)}` : code < 0x1_0000 ? `\\u${hex(4)}` : `\\U${hex(8)}`)
  );
}

/** The characters of a text, or of any other value as text. */
export const plainText = (value: Value, meter: Meter): string =>
  isText(value) ? plain(value) : textOf(value, meter);

/** What `&<>'"` become in escaped text. */
export function escapeMarkup(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    "'": '&#39;',
    '"': '&#34;',
  };
  return text.replace(/[&<>'"]/g, character => entities[character] as string);
}
