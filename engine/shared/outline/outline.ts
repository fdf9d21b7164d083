// Which functions, classes and other named things a text defines, and where, judged by the beginnings of lines and by
// indentation. It serves for pieces of code that no language server knows, and where there is none. Pure.
import { columnsOf, indentOf, isBlank } from './indent.ts';

/** Lines `start` to `end` (exclusive). */
export interface NamedRange {
  name: string;
  start: number;
  end: number;
}

const words = String.raw`(?:(?:export|default|declare|public|private|protected|internal|static|final|abstract|sealed|open|override|virtual|async|unsafe|inline|partial|pub(?:\([^)]*\))?|extern(?: "C")?|const)\s+)*`;
const definitions = [
  new RegExp(
    String.raw`^${words}(?:function\*?|class|interface|enum|struct|trait|impl(?:<[^>]*>)?|namespace|module|record|object|def|fn|fun|func(?:\s*\([^)]*\))?|protocol|extension|type)\s+([A-Za-z_$][\w$]*)`,
  ),
  new RegExp(
    String.raw`^${words}(?:const|let|var|val)\s+([A-Za-z_$][\w$]*)\s*(?::[^=]+)?=\s*(?:async\s*)?(?:function\b|\([^)]*\)\s*(?::[^=]+)?=>|[\w$]+\s*=>|\($)`,
  ),
  /^(?:[A-Za-z_][\w<>[\],:*&?. ]*\s[*&]?)?([A-Za-z_$~#][\w$]*)\s*\([^;]*\)?[^;=]*\{\s*$/,
  /^(?:\.|#)?([\w-]+(?:\s*[>+~ ,.:#][\w:.# >+~-]*)?)\s*\{\s*$/,
];
const notNames = new Set(
  'if for while switch catch with return else do try finally using lock match loop unless until when'.split(
    ' ',
  ),
);
/** A line that belongs to what is defined right below it. */
const attached = /^(?:@|#\[|\/\/|\/\*|\*|#(?!include|if|endif|else|define)|--|<!--|\[\w+.*\]$)/;

/** What the lines define, outer things before inner ones, each from its first line to its last. */
export function outlineOf(lines: readonly string[]): NamedRange[] {
  return lines.flatMap((line, start) => {
    const name = nameDefinedBy(line);
    return name === undefined ? [] : [{ name, start, end: endOfBlock(lines, start) }];
  });
}

/** The ranges that lie in no other. */
export function outermost(ranges: readonly NamedRange[]): NamedRange[] {
  return ranges.filter(
    one =>
      !ranges.some(
        other =>
          other !== one &&
          other.start <= one.start &&
          one.end <= other.end &&
          other.end - other.start > one.end - one.start,
      ),
  );
}

/** Where the comments and decorators begin that stand right above a definition. */
export function startWithComments(lines: readonly string[], start: number): number {
  let first = start;
  while (first > 0 && attached.test(lines[first - 1]?.trim() ?? '')) first--;
  return first;
}

/** True for a line of comment. */
export function isComment(line: string): boolean {
  return /^\s*(?:\/[/*]|\*|#(?!\[|include|if|endif|else|define)|--|<!--|""")/.test(line);
}

function nameDefinedBy(line: string): string | undefined {
  const text = line.trim();
  for (const pattern of definitions) {
    const name = pattern.exec(text)?.[1]?.trim();
    if (name !== undefined) return notNames.has(name.split(/\s/)[0] ?? '') ? undefined : name;
  }
  return undefined;
}

/** Where the block ends (exclusive) that begins with this line: all that is indented further belongs to it, and a line that closes it. */
export function endOfBlock(lines: readonly string[], start: number): number {
  const indent = columnsOf(indentOf(lines[start] ?? ''), 4);
  let end = start + 1;
  for (let index = start + 1; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (isBlank(line)) continue;
    const columns = columnsOf(indentOf(line), 4);
    if (columns < indent) break;
    if (columns === indent) {
      // A signature of several lines ends with a line that closes and opens: ") {".
      if (!/^\s*([)\]}]|end\b|\{)/.test(line)) break;
      end = index + 1;
      if (!/[{(:]\s*$/.test(line)) break;
      continue;
    }
    end = index + 1;
  }
  return end;
}
