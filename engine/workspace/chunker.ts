// Text -> passages with line ranges, cut at blank lines and at definitions that start in the first column.

export interface Passage {
  path: string;
  /** 1-based, inclusive. */
  startLine: number;
  endLine: number;
  text: string;
}

const linesWanted = 12;
const linesMax = 60;
const startsDefinition =
  /^(export|public|private|protected|static|abstract|async|function|class|interface|type|enum|const|let|var|def|fn|pub|impl|struct|trait|func|module|namespace|#{1,3} )/;

/** Passages cover every line once, in order. */
export function chunk(path: string, text: string): Passage[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const passages: Passage[] = [];
  let start = 0;
  const cut = (end: number) => {
    if (end > start)
      passages.push({ path, startLine: start + 1, endLine: end, text: lines.slice(start, end).join('\n') });
    start = end;
  };
  for (let i = 1; i < lines.length; i++) {
    const length = i - start;
    const blankBefore = lines[i - 1]?.trim() === '';
    if (
      length >= linesMax ||
      (length >= linesWanted && blankBefore) ||
      (blankBefore && startsDefinition.test(lines[i] as string))
    )
      cut(i);
  }
  cut(lines.length);
  return passages;
}
