// Paths of files in the text of an answer, with the lines that they name. Whether there are such files, the host knows. Pure.

/** A path as it is written. All numbers are 1-based. */
export interface WrittenPath {
  path: string;
  line?: number;
  column?: number;
  endLine?: number;
  /** It can hardly be anything but a file, so that it is marked when there is none. */
  sure: boolean;
}
/** Where a path stands in a text, its lines included. */
export interface PlacedPath extends WrittenPath {
  start: number;
  end: number;
}

/** Endings of files that people write about. */
const endings = new Set(
  (
    'astro bash bat c cc cfg cjs clj cmake cpp cs cshtml css csv cts cxx dart diff dockerfile ejs erl ex exs fs fsx glsl go gql gradle ' +
    'graphql groovy h hbs hcl hh hpp hs htm html hxx ini ipynb java jinja jl js json json5 jsonc jsonl jsx kt kts less lock lua m md mdx ' +
    'mjs ml mm mts nim nix patch php pl prisma proto ps1 pug py pyi pyx r rb rmd rs rst sass scala scss sh sln sol sql svelte svg swift ' +
    'tex tf tfvars toml ts tsv tsx txt vb vue wasm wgsl xml yaml yml zig'
  ).split(' '),
);
/** Files that are known by a name without an ending. */
const bareNames = /^(?:Dockerfile|Makefile|Gemfile|Rakefile|Procfile|Jenkinsfile|LICENSE|README|CHANGELOG)$/;
/** Names of products, and of members of objects, that end like files. */
const productName =
  /^(?:node|next|nuxt|vue|react|express|three|d3|chart|ember|backbone|moment|alpine|angular|discord|p5|require|deno|bun|d)\.(?:js|ts)$/i;
const member = /^(?:this|self|res|resp|response|req|request|reply|ctx)\./;
/** Stands for a name that the reader is to put in. */
const placeholder = /(?:^|[/\\])(?:path[/\\]to|your|my|some|foo|bar|baz|example|xxx)(?=[/\\_.-]|$)/i;
const webHost = /^(?:www\.|[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|dev|app|ai|co|edu|gov|rs|de|uk|eu|info)$)/i;

const number = String.raw`(\d{1,7})`;
const rangeTo = String.raw`(?:-L?|–|\s(?:to|bis)\s)`;
/** ":12", ":12-20", ":12:5", "#L10-L20", "(12,5)", " (lines 10-20)" and " on line 10". */
const linesPattern = new RegExp(
  String.raw`:L?${number}(?:${rangeTo}${number}|:${number})?` +
    String.raw`|#L${number}(?:C\d+)?(?:${rangeTo}${number}(?:C\d+)?)?` +
    String.raw`|\(${number},\s?${number}\)` +
    String.raw`|,?\s\(?(?:(?:at|on|in)\s)?(?:lines?|Zeilen?)\s${number}(?:${rangeTo}${number})?\)?`,
  'y',
);

/** Letters of languages that put spaces between words; in others a path has no clear end. */
const letter = String.raw`\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{M}\d_`;
const segment = String.raw`(?:[${letter}@+$.~-]|\[[${letter}.-]+\])+`;
/** Addresses are passed over as a whole. */
const textPattern = new RegExp(
  String.raw`[\w+.-]{1,32}:\/\/\S+|(?<![${letter}./\\@:#&=?%~$<>*{}|+-])((?:[A-Za-z]:)?[\\/]?${segment}(?:[\\/]${segment})*[\\/]?)`,
  'gu',
);
/** A longer text is data. */
const textCharsMax = 20_000;
const pathCharsMax = 300;

/** Paths in plain text. */
export function pathsInText(text: string): PlacedPath[] {
  if (text.length > textCharsMax) return [];
  const found: PlacedPath[] = [];
  for (const match of text.matchAll(textPattern)) {
    // A full stop ends the sentence.
    const path = match[1]?.replace(/[.~+-]+$/, '');
    if (path === undefined || !isPath(path)) continue;
    const end = match.index + path.length;
    // Globs, calls and placeholders go on with these.
    if (end === match.index + (match[1]?.length ?? 0) && /^[*<{=$|(](?!\d|lines?\s)/.test(text.slice(end)))
      continue;
    const lines = linesAt(text, end);
    const { isFile, hasFolder, isNamed } = looksOf(path);
    if (!hasFolder && !isFile && !isNamed) continue;
    const sure = isFile && (hasFolder || lines.line !== undefined) && isSure(path);
    const { length, ...place } = lines;
    found.push({ path, ...place, sure, start: match.index, end: end + length });
  }
  return found;
}

/** The path that a span of code is, as a whole; one with spaces counts too, but is not sure. */
export function pathOfCode(code: string): WrittenPath | undefined {
  const text = code.trim();
  if (text.length > pathCharsMax || /[\n`"'<>|*?{};=,!&^]/.test(text)) return undefined;
  const bounds = text.search(/(?::L?\d|#L\d|\(\d+,\s?\d+\)$)/);
  const path = bounds > 0 && !/^[A-Za-z]$/.test(text.slice(0, bounds)) ? text.slice(0, bounds) : text;
  const { length, ...place } = linesAt(text, path.length);
  if (path.length + length !== text.length || !isPath(path)) return undefined;
  // Folders in brackets are routes of some frameworks; other brackets are calls.
  if (path.replaceAll(/(^|[/\\])\([\w.-]+\)(?=[/\\])/g, '$1').match(/[()]/)) return undefined;
  const { isFile, hasFolder, isNamed } = looksOf(path);
  const hasSpace = /\s/.test(path);
  if (hasSpace ? !isFile : !hasFolder && !isFile && !isNamed) return undefined;
  const isShort = /\.[a-z]$/i.test(path);
  const sure = isFile && !hasSpace && (hasFolder || place.line !== undefined || !isShort) && isSure(path);
  return { path, ...place, sure };
}

/** The path that the address of a link is; undefined for an address of the web, or any other. */
export function pathOfAddress(address: string): WrittenPath | undefined {
  const plain = decoded(address.trim().replace(/^file:\/\//i, ''));
  if (plain === undefined || plain.length > pathCharsMax) return undefined;
  if (/^(?:[a-z][\w+.-]+:|\/\/|[#?])/i.test(plain) && !/^[^:]+\.\w+:\d/.test(plain)) return undefined;
  const bounds = plain.search(/(?::L?\d|#|\?)/);
  const path = bounds > 0 ? plain.slice(0, bounds) : plain;
  const { isFile } = looksOf(path);
  if (!isPath(path)) return undefined;
  const { line, column, endLine } = linesAt(plain, path.length);
  return {
    path,
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
    ...(endLine !== undefined && { endLine }),
    sure: isFile && isSure(path),
  };
}

/** The lines that stand behind a path at `from`, as in "`a.ts` (line 10)"; `length` is that of their text. */
export function linesAt(
  text: string,
  from: number,
): { line?: number; column?: number; endLine?: number; length: number } {
  linesPattern.lastIndex = from;
  const match = linesPattern.exec(text);
  // "a.ts:12abc" and "a.ts:10.5" name no lines.
  if (!match || /^(?:\w|\.\d)/.test(text.slice(from + match[0].length))) return { length: 0 };
  const [all, ...numbers] = match;
  const [colon, colonTo, column, hash, hashTo, bracket, bracketColumn, word, wordTo] = numbers.map(digits =>
    digits === undefined ? undefined : Number(digits),
  );
  const line = colon ?? hash ?? bracket ?? word;
  const endLine = colonTo ?? hashTo ?? wordTo;
  const at = column ?? bracketColumn;
  if (line === undefined || line < 1) return { length: 0 };
  const closes = !all.includes('(') && all.endsWith(')') ? 1 : 0;
  return {
    line,
    ...(at !== undefined && at > 0 && { column: at }),
    ...(endLine !== undefined && endLine >= line && { endLine }),
    length: all.length - closes,
  };
}

/** False for what leads up, for numbers and versions, addresses of mail, and what holds nothing but signs. */
function isPath(path: string): boolean {
  if (path.length > pathCharsMax || /^~|\.\.|:\/\/|\p{Cc}/u.test(path)) return false;
  if (!/\p{L}/u.test(path) || /^v?\d[\d.]*$/i.test(path)) return false;
  const segments = path.replace(/^[A-Za-z]:/, '').split(/[\\/]/);
  return segments.every(
    (name, index) =>
      (name !== '' || index === 0 || index === segments.length - 1) && !/.@|^(?!\.?$)[.~+$-]+$/.test(name),
  );
}

function looksOf(path: string): { isFile: boolean; hasFolder: boolean; isNamed: boolean } {
  const segments = path.split(/[\\/]/);
  const name = segments.at(-1) ?? '';
  const ending = /[^.]\.([A-Za-z]\w*)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  return {
    isFile: endings.has(ending),
    hasFolder: segments.length > 1 && segments.some(segmentOf => /\p{L}/u.test(segmentOf)),
    isNamed: bareNames.test(name) || /^\.[a-z][\w.-]+$/.test(name),
  };
}

function isSure(path: string): boolean {
  const [first = '', ...more] = path.split(/[\\/]/);
  if (placeholder.test(path) || first.startsWith('@')) return false;
  return more.length > 0 ? !webHost.test(first) : !productName.test(path) && !member.test(path);
}

function decoded(address: string): string | undefined {
  try {
    return decodeURIComponent(address);
  } catch {
    // A path with a percent sign of its own.
    return address;
  }
}
