// Places an answer names, kept only when the ingested files really have them.

export interface Citation {
  path: string;
  /** 1-based, inclusive. */
  startLine: number;
  endLine: number;
  /** False: the answer names the file alone. */
  hasLines: boolean;
}

/** Mentions like `src/a.ts`, src/a.ts:12 or src/a.ts:12-20, in the order they appear, each place once. */
export function citationsOf(answer: string, files: ReadonlyMap<string, string>): Citation[] {
  const found = new Map<string, Citation>();
  const pathOf = pathResolver(files);
  for (const mention of mentionsIn(answer, written => pathOf(written) !== undefined)) {
    const path = pathOf(mention.path);
    if (path === undefined) continue;
    const { startLine, endLine, hasLines } = mention;
    const lineCount = (files.get(path) as string).split('\n').length;
    if (startLine < 1 || endLine < startLine || endLine > lineCount) continue;
    const key = `${path}:${startLine}-${endLine}`;
    if (!found.has(key)) found.set(key, { path, startLine, endLine, hasLines });
  }
  return [...found.values()];
}

const lines = String.raw`(?::(\d{1,7})(?:-(\d{1,7}))?)?`;
const path = String.raw`(?<![\w@./\\-])([\w@./\\-]{0,300}[\w-]\.[A-Za-z]\w{0,30})`;
/** Starts only where a word starts and stays short, so that a long run of letters is not tried at every length. */
const barePattern = new RegExp(path + lines, 'g');
const quotedOrBarePattern = new RegExp(`\`([^\`\\n]{1,300}?)${lines}\`|${path}${lines}`, 'g');

/** Between backticks a path may hold anything (`app/[id]/page.tsx`, `Makefile`); if it is none, it is looked into. */
function* mentionsIn(text: string, isPath: (written: string) => boolean): Generator<Citation> {
  for (const [all, quoted, from, to, bare, bareFrom, bareTo] of text.matchAll(quotedOrBarePattern)) {
    if (bare !== undefined) yield mentionOf(bare, bareFrom, bareTo);
    else if (quoted !== undefined && isPath(quoted)) yield mentionOf(quoted, from, to);
    else
      for (const [, inside = '', insideFrom, insideTo] of all.matchAll(barePattern))
        yield mentionOf(inside, insideFrom, insideTo);
  }
}

function mentionOf(written: string, from: string | undefined, to = from): Citation {
  return {
    path: written,
    startLine: Number(from ?? 1),
    endLine: Number(to ?? 1),
    hasLines: from !== undefined,
  };
}

/** The whole path, or the only file whose path ends with the mention. */
function pathResolver(files: ReadonlyMap<string, string>): (written: string) => string | undefined {
  const byName = Map.groupBy(files.keys(), nameOf);
  return written => {
    const wanted = written.replaceAll('\\', '/').replace(/^\.\//, '');
    if (files.has(wanted)) return wanted;
    const ending = (byName.get(nameOf(wanted)) ?? []).filter(candidate => candidate.endsWith(`/${wanted}`));
    return ending.length === 1 ? ending[0] : undefined;
  };
}

function nameOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}
