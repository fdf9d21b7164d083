// The methods of Python's str.
import { given, textArgument, unlessNone, wholeArgument } from './call.ts';
import { escapeMarkup } from './text.ts';
import {
  Callable,
  isFlat,
  isText,
  iterate,
  likewise,
  Markup,
  plain,
  TemplateError,
  Tuple,
  typeOf,
  type Call,
  type Value,
} from './values.ts';

/** What str.strip() removes without an argument: Unicode white space and the separators U+001C … U+001F. */
const space = '\\t-\\r\\u001c-\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const spacesBefore = new RegExp(`^[${space}]+`);
const spaceRun = new RegExp(`[${space}]+`, 'g');
const isSpace = new RegExp(`^[${space}]$`);

type Method = (text: string, call: Call, self: string | Markup) => Value;

/** The method of a text; nothing when str has none of that name. */
export function textMethod(self: string | Markup, name: string): Callable | undefined {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  return method && new Callable(name, call => method(plain(self), escapedFor(self, call), self));
}

/** Methods of escaped text escape what they are given. */
function escapedFor(self: string | Markup, call: Call): Call {
  if (!(self instanceof Markup)) return call;
  const args = call.args.map(value => (typeof value === 'string' ? new Markup(escapeMarkup(value)) : value));
  return { ...call, args };
}

/** str.strip() and its kind: of both sides, or one. `characters`: what goes; unset: white space. */
export function strip(text: string, sides: 'both' | 'left' | 'right', characters?: string): string {
  const set = characters === undefined ? undefined : new Set(characters);
  const list = set && !isFlat(text) ? [...text] : text;
  const goes = (at: number) => {
    const character = list[at] as string;
    return set ? set.has(character) : isSpace.test(character);
  };
  let start = 0;
  let end = list.length;
  while (sides !== 'right' && start < end && goes(start)) start++;
  while (sides !== 'left' && end > start && goes(end - 1)) end--;
  return typeof list === 'string' ? list.slice(start, end) : list.slice(start, end).join('');
}

/** str.split() without a separator. */
export function words(text: string, max = -1): string[] {
  const found: string[] = [];
  let rest = text.replace(spacesBefore, '');
  if (max < 0) return rest === '' ? [] : strip(rest, 'right').split(spaceRun);
  for (; rest !== '';) {
    spaceRun.lastIndex = 0;
    const gap = found.length < max ? spaceRun.exec(rest) : null;
    if (!gap) return [...found, rest];
    found.push(rest.slice(0, gap.index));
    rest = rest.slice(gap.index + gap[0].length);
  }
  return found;
}

/** str.replace(): the first `max` places, all below zero. */
export function replaced(
  text: string,
  [from, to]: [string, string],
  max: number,
  { meter }: Pick<Call, 'meter'>,
): string {
  const pieces = from === '' ? ['', ...text, ''] : text.split(from);
  const places = max < 0 ? pieces.length - 1 : Math.min(max, pieces.length - 1);
  meter.spend(text.length + places * to.length);
  return (
    pieces.slice(0, places + 1).join(to) +
    pieces
      .slice(places + 1)
      .map(piece => from + piece)
      .join('')
  );
}

export const capitalized = (text: string): string => {
  const [first = ''] = text;
  return titleCase(first) + lower(text.slice(first.length));
};

const lower = (text: string) => text.toLowerCase();

/** A letter as it begins a title: "ǆ" becomes "ǅ", "ß" becomes "Ss". */
function titleCase(letter: string): string {
  const digraphs: Record<string, string> = {
    Ǆ: 'ǅ',
    ǅ: 'ǅ',
    ǆ: 'ǅ',
    Ǉ: 'ǈ',
    ǈ: 'ǈ',
    ǉ: 'ǈ',
    Ǌ: 'ǋ',
    ǋ: 'ǋ',
    ǌ: 'ǋ',
    Ǳ: 'ǲ',
    ǲ: 'ǲ',
    ǳ: 'ǲ',
  };
  const known = digraphs[letter];
  if (known !== undefined) return known;
  const [first = '', ...rest] = letter.toUpperCase();
  return first + rest.join('').toLowerCase();
}

const cased = /\p{Lu}|\p{Ll}|\p{Lt}|\p{Lowercase}|\p{Uppercase}/u;

function titled(text: string): string {
  let isInside = false;
  return Array.from(text, letter => {
    const changed = isInside ? lower(letter) : titleCase(letter);
    isInside = cased.test(letter);
    return changed;
  }).join('');
}

function isTitled(text: string): boolean {
  let isInside = false;
  let found = false;
  for (const letter of text) {
    const isUpper = /\p{Lu}|\p{Lt}/u.test(letter);
    if (isUpper ? isInside : /\p{Ll}/u.test(letter) && !isInside) return false;
    isInside = cased.test(letter);
    found ||= isInside;
  }
  return found;
}

const lineEnd = /\r\n|[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/g;

function lines(text: string, keepEnds: boolean): string[] {
  const found: string[] = [];
  let at = 0;
  for (const { 0: end, index } of text.matchAll(lineEnd)) {
    found.push(text.slice(at, keepEnds ? index + end.length : index));
    at = index + end.length;
  }
  if (at < text.length) found.push(text.slice(at));
  return found;
}

/** Pieces between separators, at most `max` cuts, counted from the left or the right. */
function pieces(text: string, separator: string, max: number, fromRight: boolean): string[] {
  if (separator === '') throw new TemplateError('empty separator');
  const all = text.split(separator);
  if (max < 0 || all.length <= max + 1) return all;
  if (!fromRight) return [...all.slice(0, max), all.slice(max).join(separator)];
  const cut = all.length - max;
  return [all.slice(0, cut).join(separator), ...all.slice(cut)];
}

function rightWords(text: string, max: number): string[] {
  const reverse = (part: string) => [...part].reverse().join('');
  return words(reverse(text), max).map(reverse).reverse();
}

const split =
  (name: string, fromRight: boolean): Method =>
  (text, call, self) => {
    const [separator, max] = given(name, call, ['sep', 'maxsplit']);
    const count = wholeArgument(max, -1);
    const asked = unlessNone(separator);
    const found =
      asked === undefined
        ? fromRight && count >= 0
          ? rightWords(text, count)
          : words(text, count)
        : pieces(text, textArgument(asked, name), count, fromRight);
    call.meter.spend(found.length);
    return found.map(piece => likewise(self, piece));
  };

const partition =
  (name: string, fromRight: boolean): Method =>
  (text, call, self) => {
    const separator = textArgument(given(name, call, ['sep'], 1)[0], name);
    if (separator === '') throw new TemplateError('empty separator');
    const at = fromRight ? text.lastIndexOf(separator) : text.indexOf(separator);
    const parts =
      at >= 0
        ? [text.slice(0, at), separator, text.slice(at + separator.length)]
        : fromRight
          ? ['', '', text]
          : [text, '', ''];
    return new Tuple(parts.map(part => likewise(self, part)));
  };

const stripped =
  (name: string, sides: 'both' | 'left' | 'right'): Method =>
  (text, call, self) => {
    const characters = unlessNone(given(name, call, ['chars'])[0]);
    return likewise(
      self,
      strip(text, sides, characters === undefined ? undefined : textArgument(characters, name)),
    );
  };

/** The part of a text between two of its positions, and where it begins, by code points. */
function part(
  text: string,
  start: Value | undefined,
  end: Value | undefined,
): { list: string[]; from: number } {
  const all = [...text];
  const bound = (value: Value | undefined, otherwise: number) => {
    const at = value === undefined || value === null ? otherwise : wholeArgument(value, otherwise);
    return at < 0 ? Math.max(0, at + all.length) : at;
  };
  const from = bound(start, 0);
  return { list: all.slice(from, bound(end, all.length)), from: from > all.length ? -1 : from };
}

const affix =
  (name: string, has: (text: string, affix: string) => boolean): Method =>
  (text, call) => {
    const [affixes, start, end] = given(name, call, ['prefix', 'start', 'end'], 1);
    const list = affixes instanceof Tuple ? affixes.items : [affixes as Value];
    const wrong = list.find(one => !isText(one));
    if (wrong !== undefined)
      throw new TemplateError(`${name} first arg must be str or a tuple of str, not ${typeOf(wrong)}`);
    if (start === undefined) return list.some(one => has(text, plain(one as string)));
    const { list: characters, from } = part(text, start, end);
    return from >= 0 && list.some(one => has(characters.join(''), plain(one as string)));
  };

const find =
  (name: string, { last = false, mustBe = false }: { last?: boolean; mustBe?: boolean }): Method =>
  (text, call) => {
    const [wanted, start, end] = given(name, call, ['sub', 'start', 'end'], 1);
    const { list, from } = part(text, start, end);
    const inside = list.join('');
    const what = textArgument(wanted, name);
    const at = from < 0 ? -1 : last ? inside.lastIndexOf(what) : inside.indexOf(what);
    if (at < 0 && mustBe) throw new TemplateError('substring not found');
    return BigInt(at < 0 ? -1 : from + [...inside.slice(0, at)].length);
  };

const justified =
  (name: string, left: (room: number, width: number) => number): Method =>
  (text, call, self) => {
    const [width, fill] = given(name, call, ['width', 'fillchar'], 1);
    const filler = fill === undefined ? ' ' : textArgument(fill, name);
    if ([...filler].length !== 1)
      throw new TemplateError('The fill character must be exactly one character long');
    return likewise(self, padded(text, { width: wholeArgument(width, 0), filler, left }, call));
  };

function padded(
  text: string,
  { width, filler, left }: { width: number; filler: string; left: (room: number, width: number) => number },
  { meter }: Pick<Call, 'meter'>,
): string {
  const room = width - [...text].length;
  if (room <= 0) return text;
  meter.spend(room);
  const before = left(room, width);
  return filler.repeat(before) + text + filler.repeat(room - before);
}

/** Python's center() leans to the right where it does not come out even, but for an odd width. */
const half = (room: number, width: number) => (room >> 1) + (room & width & 1);

/** The filter and method center. */
export const centered = (text: string, width: number, call: Pick<Call, 'meter'>): string =>
  padded(text, { width, filler: ' ', left: half }, call);

const changed =
  (change: (text: string) => string): Method =>
  (text, call, self) => {
    given('method', call, []);
    return likewise(self, change(text));
  };

const asks =
  (every: RegExp): Method =>
  text =>
    every.test(text);

const methods: Record<string, Method> = {
  capitalize: changed(capitalized),
  casefold: changed(text => lower(lower(text).replaceAll('ß', 'ss').replaceAll('ς', 'σ'))),
  center: justified('center', half),
  count: (text, call) => {
    const [wanted, start, end] = given('count', call, ['sub', 'start', 'end'], 1);
    const { list, from } = part(text, start, end);
    const what = textArgument(wanted, 'count');
    if (from < 0) return 0n;
    return BigInt(what === '' ? list.length + 1 : list.join('').split(what).length - 1);
  },
  endswith: affix('endswith', (text, end) => text.endsWith(end)),
  expandtabs: (text, call, self) => {
    const size = wholeArgument(given('expandtabs', call, ['tabsize'])[0], 8);
    let column = 0;
    const widen = (character: string) => {
      if (character === '\n' || character === '\r') column = -1;
      const width = character !== '\t' ? 1 : size > 0 ? size - (column % size) : 0;
      column += width;
      if (character !== '\t') return character;
      call.meter.spend(width);
      return ' '.repeat(width);
    };
    return likewise(self, Array.from(text, widen).join(''));
  },
  find: find('find', {}),
  index: find('index', { mustBe: true }),
  isalnum: asks(/^[\p{L}\p{N}]+$/u),
  isalpha: asks(/^\p{L}+$/u),
  isascii: asks(/^\p{ASCII}*$/u),
  isdecimal: asks(/^\p{Nd}+$/u),
  isdigit: asks(/^[\p{Nd}\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089]+$/u),
  isidentifier: asks(/^[\p{XIDS}_]\p{XIDC}*$/u),
  islower: text => cased.test(text) && !/\p{Lu}|\p{Lt}|\p{Uppercase}/u.test(text),
  isnumeric: asks(/^\p{N}+$/u),
  isprintable: text => !/(?! )[\p{C}\p{Z}]/u.test(text),
  isspace: asks(new RegExp(`^[${space}]+$`)),
  istitle: isTitled,
  isupper: text => cased.test(text) && !/\p{Ll}|\p{Lt}|\p{Lowercase}/u.test(text),
  join: (text, call, self) => {
    const items = [...iterate(given('join', call, ['iterable'], 1)[0] as Value)];
    const wrong = items.findIndex(item => !isText(item));
    if (wrong >= 0)
      throw new TemplateError(
        `sequence item ${wrong}: expected str instance, ${typeOf(items[wrong] as Value)} found`,
      );
    const parts = items.map(item =>
      self instanceof Markup && typeof item === 'string' ? escapeMarkup(item) : plain(item as string),
    );
    call.meter.spend(text.length * items.length);
    return likewise(self, parts.join(text));
  },
  ljust: justified('ljust', () => 0),
  lower: changed(lower),
  lstrip: stripped('lstrip', 'left'),
  partition: partition('partition', false),
  removeprefix: (text, call, self) => {
    const prefix = textArgument(given('removeprefix', call, ['prefix'], 1)[0], 'removeprefix');
    return likewise(self, text.startsWith(prefix) ? text.slice(prefix.length) : text);
  },
  removesuffix: (text, call, self) => {
    const suffix = textArgument(given('removesuffix', call, ['suffix'], 1)[0], 'removesuffix');
    return likewise(self, text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text);
  },
  replace: (text, call, self) => {
    const [from, to, count] = given('replace', call, ['old', 'new', 'count'], 2);
    const pair: [string, string] = [textArgument(from, 'replace'), textArgument(to, 'replace')];
    return likewise(self, replaced(text, pair, wholeArgument(count, -1), call));
  },
  rfind: find('rfind', { last: true }),
  rindex: find('rindex', { last: true, mustBe: true }),
  rjust: justified('rjust', room => room),
  rpartition: partition('rpartition', true),
  rsplit: split('rsplit', true),
  rstrip: stripped('rstrip', 'right'),
  split: split('split', false),
  splitlines: (text, call, self) => {
    const [keepEnds = false] = given('splitlines', call, ['keepends']);
    return lines(text, keepEnds === true || keepEnds === 1n).map(line => likewise(self, line));
  },
  startswith: affix('startswith', (text, start) => text.startsWith(start)),
  strip: stripped('strip', 'both'),
  swapcase: changed(text =>
    Array.from(text, letter => (/\p{Lu}/u.test(letter) ? lower(letter) : letter.toUpperCase())).join(''),
  ),
  title: changed(titled),
  upper: changed(text => text.toUpperCase()),
  zfill: (text, call, self) => {
    const width = wholeArgument(given('zfill', call, ['width'], 1)[0], 0);
    const [, sign = '', rest = ''] = /^([+-]?)([\s\S]*)$/.exec(text) ?? [];
    const zeros = { width: width - sign.length, filler: '0', left: (room: number) => room };
    return likewise(self, sign + padded(rest, zeros, call));
  },
};
