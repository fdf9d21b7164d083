// The code in an answer that was asked to be one block of code, while it grows and when it is whole. Pure.

/**
 * The lines of the block; of an unfinished answer, those that are whole. An answer without a fence is taken for code as it is,
 * once it is finished. Undefined as long as there is no code.
 */
export function codeInAnswer(answer: string, { finished }: { finished: boolean }): string[] | undefined {
  const lines = answer.replace(/\r\n?/g, '\n').split('\n');
  const open = lines.findIndex(line => /^\s*(`{3,}|~{3,})/.test(line));
  if (open < 0) return finished && answer.trim() !== '' ? trimEnd(lines) : undefined;
  // The line of the fence may still grow.
  if (open === lines.length - 1 && !finished) return undefined;
  const fence = /^\s*(`{3,}|~{3,})/.exec(lines[open] ?? '')?.[1] ?? '```';
  const inside = lines.slice(open + 1);
  const close = closingLine(inside, fence);
  if (close >= 0) return inside.slice(0, close);
  return finished ? trimEnd(inside) : inside.slice(0, -1);
}

/** The first line that closes the fence; a fence that opens inside closes itself first. */
function closingLine(lines: readonly string[], fence: string): number {
  let nested = false;
  for (const [index, line] of lines.entries()) {
    const match = /^\s*(`{3,}|~{3,})\s*(\S*)/.exec(line);
    if (!match?.[1] || match[1][0] !== fence[0] || match[1].length < fence.length) continue;
    if (match[2]) nested = true;
    else if (nested) nested = false;
    else return index;
  }
  return -1;
}

function trimEnd(lines: readonly string[]): string[] {
  return lines.slice(0, lines.findLastIndex(line => line.trim() !== '') + 1);
}
