// How far a text that still grows can be shown: its last line waits while it may yet turn out to be something else. Pure.

/** A longer line is shown as it comes, except a fence, whose whole line says what it opens. */
const waitingCharsMax = 2_000;

/** Where what can be shown ends, not before `from`. */
export function shownEnd(text: string, from: number): number {
  const lineStart = Math.max(from, text.lastIndexOf('\n') + 1);
  const waits = mayChange(text.slice(lineStart));
  const end = waits ? lineStart : text.length;
  // The head of a table is a paragraph until the line below it is there.
  if (end > lineStart || lineStart - 1 <= from) return end;
  const before = Math.max(from, text.lastIndexOf('\n', lineStart - 2) + 1);
  const row = /^ {0,3}\|/;
  if (!row.test(text.slice(before, before + 4))) return end;
  const earlier = Math.max(from, text.lastIndexOf('\n', before - 2) + 1);
  return earlier < before && row.test(text.slice(earlier, earlier + 4)) ? end : before;
}

function mayChange(line: string): boolean {
  if (line === '') return false;
  // In lists and quotes, the marks before it are none of its own.
  const own = line.replace(/^(?:\s|>|[-*+](?=\s)|\d{1,9}[.)](?=\s))+/, '');
  if (/^(?:`{1,2}|`{3,}[^`]*|~{1,2}|~{3,}.*)$/.test(own)) return true;
  if (line.length > waitingCharsMax) return false;
  // Marks of lists, headings, quotes, rules, tasks, tables and formulas, alone.
  if (line.length <= 24 && /^[\s\-+*_=#>\d.)[\]xX|:$\\]*$/.test(line)) return true;
  return /^(?:\||\$\$|\\\[|\[[^\]]*\]:)/.test(own);
}
