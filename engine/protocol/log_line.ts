// The level of a line that the engine writes to stderr: a failure begins with "error: ", all else informs.
const errorPrefix = 'error: ';

/** A failure as it is written; it may have more lines, indented ones, such as a stack. */
export function errorLine(message: string): string {
  return errorPrefix + message;
}

/** The level of a line; undefined for one that goes on with the line before it. */
export function levelOfLine(line: string): 'error' | 'info' | undefined {
  if (/^[\s}]/.test(line)) return undefined;
  return line.startsWith(errorPrefix) ? 'error' : 'info';
}
