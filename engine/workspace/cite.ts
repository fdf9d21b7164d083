// Places an answer names, kept only when the ingested files really have them.

export interface Citation {
  path: string;
  /** 1-based, inclusive. */
  startLine: number;
  endLine: number;
}

/** Mentions like `src/a.ts`, src/a.ts:12 or src/a.ts:12-20, in the order they appear, each place once. */
export function citationsOf(answer: string, files: ReadonlyMap<string, string>): Citation[] {
  const found = new Map<string, Citation>();
  for (const [, mention = '', from, to] of answer.matchAll(
    /([\w@./\\-]*[\w-]\.[A-Za-z][\w]*)(?::(\d{1,7})(?:-(\d{1,7}))?)?/g,
  )) {
    const path = resolvePath(mention.replaceAll('\\', '/').replace(/^\.\//, ''), files);
    if (path === undefined) continue;
    const lineCount = (files.get(path) as string).split('\n').length;
    const startLine = from === undefined ? 1 : Number(from);
    const endLine = to === undefined ? startLine : Number(to);
    if (startLine < 1 || endLine < startLine || endLine > lineCount) continue;
    const key = `${path}:${startLine}-${endLine}`;
    if (!found.has(key)) found.set(key, { path, startLine, endLine });
  }
  return [...found.values()];
}

/** The whole path, or the only file whose path ends with the mention. */
function resolvePath(mention: string, files: ReadonlyMap<string, string>): string | undefined {
  if (files.has(mention)) return mention;
  const ending = [...files.keys()].filter(path => path.endsWith(`/${mention}`));
  return ending.length === 1 ? ending[0] : undefined;
}
