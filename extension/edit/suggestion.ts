// A block of code of an answer, with all that the answer says of where it belongs: a path after the fence, in a comment in the
// first line, or in the sentence before. Pure.
import { isBlank } from '../../engine/shared/outline/indent.ts';
import { linesOf } from './lines.ts';

export interface Suggestion {
  code: string;
  /** As the fence names it, in lower case; empty when it does not. */
  language: string;
  /** The path that stands after the fence. */
  path?: string;
  /** The paragraph before the block. */
  before?: string;
}

const name = String.raw`[\w@$+.\-()[\]]+`;
/** Folders, and a name with an ending or one that is known to have none. */
const pathPattern = String.raw`(?:[A-Za-z]:)?[./\\]*(?:${name}[/\\])*(?:${name}\.[A-Za-z][\w+-]*|\.[A-Za-z][\w.-]+|Dockerfile|Makefile|Gemfile|Rakefile|Jenkinsfile|LICENSE)`;
const wholePath = new RegExp(`^${pathPattern}$`);
const pathInText = new RegExp(pathPattern, 'g');
/** Comment signs around the rest of a line. */
const comments: [begin: RegExp, end: RegExp][] = [
  [/^(?:\/\/+|#+(?!!)|--+|;+|%+|'|REM\b)\s*/i, /$/],
  [/^\/\*+\s*/, /\s*\*+\/$/],
  [/^<!--\s*/, /\s*-->$/],
  [/^\{\/\*\s*/, /\s*\*\/\}$/],
  [/^"""\s*/, /\s*"""$/],
];

/** The paths that the answer names for the code, the likeliest first, each once. */
export function namedPaths({ code, path, before = '' }: Suggestion): string[] {
  const found = [path, pathInComment(firstLineOf(code)), ...pathsInSentence(before)];
  return [...new Set(found.flatMap(one => (one === undefined ? [] : [plainPath(one)])))].filter(Boolean);
}

/** The code without a first line that only names its file, unless the file has that line too. */
export function withoutPathComment(code: string, original: readonly string[]): string {
  const first = firstLineOf(code);
  if (pathInComment(first) === undefined || original.some(line => line.trim() === first.trim())) return code;
  const lines = linesOf(code);
  return lines
    .slice(lines.indexOf(first) + 1)
    .join('\n')
    .replace(/^\n/, '');
}

/** The path that is all there is in a line of comment: "// src/a.ts", "# File: src/a.py". */
export function pathInComment(line: string): string | undefined {
  const text = line.trim();
  for (const [begin, end] of comments) {
    if (!begin.test(text) || !end.test(text)) continue;
    const inside = text
      .replace(begin, '')
      .replace(end, '')
      .replace(/^(?:file(?:name)?|path)\s*:\s*/i, '');
    const bare = inside.replace(/^`(.*)`$/, '$1').trim();
    if (wholePath.test(bare)) return bare;
  }
  return undefined;
}

/** Paths in the text before a block: those written as code first, and of equals the one that stands nearest to the block. */
function pathsInSentence(text: string): string[] {
  const asCode = [...text.matchAll(/`([^`\n]+)`/g)].flatMap(([, inside = '']) => {
    const bare = inside.replace(/:\d+(?:[-:]\d+)?$/, '').trim();
    return wholePath.test(bare) ? [bare] : [];
  });
  const plain = [...text.replace(/`[^`\n]*`/g, ' ').matchAll(pathInText)].map(([found]) => found);
  return [...asCode.toReversed(), ...plain.filter(looksLikeFile).toReversed()];
}

/** "e.g." and "Node.js" are words, not files. */
function looksLikeFile(path: string): boolean {
  if (/[/\\]/.test(path)) return !/^[./\\]+$/.test(path);
  return (
    /^[\w-]+(?:\.[\w-]+)*\.[a-z]\w{0,4}$/.test(path) &&
    !/^(?:e\.g|i\.e|a\.k\.a|etc)$/i.test(path) &&
    !/^(?:node|vue|next|react|three|d3|express)\.js$/i.test(path)
  );
}

/** With '/' between folders, without "./" before it or a line number behind it. */
function plainPath(path: string): string {
  return path
    .trim()
    .replaceAll('\\', '/')
    .replace(/:\d+(?:[-:]\d+)?$/, '')
    .replace(/^(?:\.\/)+/, '');
}

function firstLineOf(code: string): string {
  return linesOf(code).find(line => !isBlank(line)) ?? '';
}
