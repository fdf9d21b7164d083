// The patterns of a .gitignore file, matched as git matches them: byte by byte, the last pattern that matches a path decides.
// Formula: gitignore(5), and the glob rules of its "pathname" mode. Pure.

/** Whether the last pattern that matches a path ignores it or takes it back in; undefined when none matches. */
export type Verdict = 'ignored' | 'included' | undefined;

interface Pattern {
  verdict: 'ignored' | 'included';
  foldersOnly: boolean;
  /** Without a slash, only the name is compared. */
  nameOnly: boolean;
  regex: RegExp;
}

export class GitPatterns {
  /** In the order of the file. */
  readonly #patterns: readonly Pattern[];
  readonly #caseSensitive: boolean;

  /** `text` of a whole rule file; a byte order mark, CRLF, comments and trailing blanks are read as git reads them. */
  constructor(text: string, { caseSensitive }: { caseSensitive: boolean }) {
    this.#caseSensitive = caseSensitive;
    this.#patterns = text
      .replace(/^\uFEFF/, '')
      .split('\n')
      .flatMap(line => patternOf(line, caseSensitive));
  }

  /**
   * What the patterns say of one path, relative to the folder of the file. The folders above it are not looked at: who walks knows
   * already that they are not ignored.
   */
  test(path: string, kind: 'file' | 'directory'): Verdict {
    const whole = this.#caseSensitive ? bytesOf(path) : lowerAscii(bytesOf(path));
    const name = whole.slice(whole.lastIndexOf('/') + 1);
    for (let i = this.#patterns.length - 1; i >= 0; i--) {
      const { verdict, foldersOnly, nameOnly, regex } = this.#patterns[i] as Pattern;
      if (foldersOnly && kind !== 'directory') continue;
      if (regex.test(nameOnly ? name : whole)) return verdict;
    }
    return undefined;
  }
}

function patternOf(line: string, caseSensitive: boolean): Pattern[] {
  let text = withoutTrailingBlanks(line.replace(/\r$/, ''));
  if (text === '' || text.startsWith('#')) return [];
  const verdict = text.startsWith('!') ? 'included' : 'ignored';
  if (verdict === 'included') text = text.slice(1);
  const foldersOnly = text.endsWith('/');
  if (foldersOnly) text = text.slice(0, -1);
  const nameOnly = !text.includes('/');
  if (text.startsWith('/')) text = text.slice(1);
  if (text === '') return [];
  const glob = caseSensitive ? bytesOf(text) : lowerAscii(bytesOf(text));
  const source = regexOf(glob, { nameOnly, caseSensitive });
  return source === undefined
    ? []
    : [{ verdict, foldersOnly, nameOnly, regex: new RegExp(`^${source}$`, 's') }];
}

/** Blanks at the end do not count unless a backslash stands before them. */
function withoutTrailingBlanks(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === ' ') end--;
  let backslashes = 0;
  while (backslashes < end && line[end - 1 - backslashes] === '\\') backslashes++;
  return line.slice(0, backslashes % 2 === 1 && end < line.length ? end + 1 : end);
}

/** One character for each byte of the UTF-8 text: to git, `?` is one byte. */
function bytesOf(text: string): string {
  return /^[\0-\x7f]*$/.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

function lowerAscii(text: string): string {
  return text.replace(/[A-Z]/g, letter => letter.toLowerCase());
}

/** The glob as the inside of a regular expression; undefined when it can match nothing. */
function regexOf(
  glob: string,
  { nameOnly, caseSensitive }: { nameOnly: boolean; caseSensitive: boolean },
): string | undefined {
  const one = nameOnly ? '.' : '[^/]';
  let source = '';
  let at = 0;
  while (at < glob.length) {
    const char = glob[at] as string;
    if (char === '?') {
      source += one;
      at++;
    } else if (char === '*') {
      let end = at;
      while (glob[end] === '*') end++;
      const isWhole =
        end - at >= 2 &&
        (at === 0 || glob[at - 1] === '/') &&
        (end === glob.length || glob[end] === '/' || glob.startsWith('\\/', end));
      if (isWhole && !nameOnly && end < glob.length) {
        source += '(?:.*/)?';
        at = end + (glob[end] === '/' ? 1 : 2);
      } else {
        source += isWhole && !nameOnly ? '.*' : `${one}*`;
        at = end;
      }
    } else if (char === '[') {
      const set = bracket(glob, at, caseSensitive);
      if (!set) return undefined;
      if (!nameOnly) set.bytes.delete(0x2f);
      if (set.bytes.size === 0) return undefined;
      source += `[${[...set.bytes].map(byte => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}]`;
      at = set.end;
    } else {
      const literal = char === '\\' ? glob[at + 1] : char;
      if (literal === undefined) return undefined;
      source += literal.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
      at += char === '\\' ? 2 : 1;
    }
  }
  return source;
}

const posixClasses: Readonly<Record<string, RegExp>> = {
  alnum: /[0-9A-Za-z]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  cntrl: /[\x00-\x1f\x7f]/,
  digit: /[0-9]/,
  graph: /[\x21-\x7e]/,
  lower: /[a-z]/,
  print: /[\x20-\x7e]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t\n\v\f\r]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
};

/** The bytes that a bracket expression at `start` takes, and where it ends; undefined when it is not closed or not well formed. */
function bracket(
  glob: string,
  start: number,
  caseSensitive: boolean,
): { bytes: Set<number>; end: number } | undefined {
  let at = start + 1;
  const negated = glob[at] === '!' || glob[at] === '^';
  if (negated) at++;
  const listed = new Set<number>();
  let before: number | undefined;
  for (let first = true; ; first = false) {
    const char = glob[at];
    if (char === undefined) return undefined;
    if (char === ']' && !first) break;
    if (char === '[' && glob[at + 1] === ':') {
      const close = glob.indexOf(':]', at + 2);
      const word = close < 0 ? undefined : glob.slice(at + 2, close);
      if (word !== undefined && !word.includes(']')) {
        const members = posixClasses[word];
        if (!members) return undefined;
        for (let byte = 0; byte < 256; byte++) {
          const isMember = members.test(String.fromCharCode(byte));
          const folds = !caseSensitive && word === 'upper' && byte >= 0x61 && byte <= 0x7a;
          if (isMember || folds) listed.add(byte);
        }
        before = undefined;
        at = close + 2;
        continue;
      }
    }
    if (char === '-' && before !== undefined && glob[at + 1] !== undefined && glob[at + 1] !== ']') {
      const escaped = glob[at + 1] === '\\';
      const last = glob.charCodeAt(at + (escaped ? 2 : 1));
      if (Number.isNaN(last)) return undefined;
      for (let byte = before; byte <= last; byte++) listed.add(byte);
      if (!caseSensitive)
        // The path is lower case: so is a letter that the range has in upper case.
        for (let byte = before; byte <= last; byte++) if (byte >= 0x41 && byte <= 0x5a) listed.add(byte + 32);
      before = undefined;
      at += escaped ? 3 : 2;
      continue;
    }
    if (char === '\\') at++;
    const byte = glob.charCodeAt(at);
    if (Number.isNaN(byte)) return undefined;
    listed.add(byte);
    before = byte;
    at++;
  }
  const bytes = negated
    ? new Set(Array.from({ length: 256 }, (_, byte) => byte).filter(byte => !listed.has(byte)))
    : listed;
  return { bytes, end: at + 1 };
}
