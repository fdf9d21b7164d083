// The last line of a text that still grows: a link, code or strong text that is not closed yet is shown as if it were, so that
// marks do not appear and vanish again. Pure.

/** What is open and begins earlier than this is left as it is. */
const lookedAtChars = 400;

/** `content` with what its end leaves open closed. */
export function completeInline(content: string): string {
  const start = Math.max(content.lastIndexOf('\n') + 1, content.length - lookedAtChars);
  return content.slice(0, start) + completeLine(content.slice(start));
}

function completeLine(line: string): string {
  const mark = openCode(line);
  if (mark !== undefined) {
    const inner = line.slice(mark.end);
    // A mark alone, or one that may still grow, is not code yet.
    return inner.trim() === '' ? line.slice(0, mark.start) : line + mark.text;
  }
  const withoutLink = line.replace(/!?\[([^[\]\n]*)\]\((?:[^()\s]|\([^()\s]*\))*$/, '$1');
  if (withoutLink !== line) return withoutLink;
  const bare = line.replace(/(?<![\p{L}\p{N}*_~])[*_~]+$/u, '');
  if (bare !== line) return bare;
  const strong = withoutCode(line).split('**').length % 2 === 0;
  return strong ? `${line.trimEnd().replace(/\*$/, '')}**` : line;
}

/** The first run of back quotes without a partner. */
function openCode(line: string): { start: number; end: number; text: string } | undefined {
  let open: { start: number; end: number; text: string } | undefined;
  for (const run of line.matchAll(/`+/g)) {
    const [text] = run;
    if (open?.text === text) open = undefined;
    else open ??= { start: run.index, end: run.index + text.length, text };
  }
  return open;
}

function withoutCode(line: string): string {
  return line.replace(/(`+)[^`]*\1/g, '');
}
