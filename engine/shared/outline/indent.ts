// The white space that a line of code begins with.

/** The white space a line begins with. */
export function indentOf(line: string): string {
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}

/** True for a line of white space only. */
export function isBlank(line: string): boolean {
  return line.trim() === '';
}

/** How many columns white space takes. */
export function columnsOf(space: string, tabSize: number): number {
  let columns = 0;
  for (const character of space) columns += character === '\t' ? tabSize - (columns % tabSize) : 1;
  return columns;
}
