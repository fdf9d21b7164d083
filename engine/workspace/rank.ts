// Question -> places that answer it: definitions of the identifiers it names, then the passages a text search likes best.
import type { PassageIndex } from './passage_index.ts';

export interface RankedPlace {
  path: string;
  /** 1-based, inclusive. */
  startLine: number;
  endLine: number;
  text: string;
}

const questionWords = new Set(
  'where what which who how why when is are was the a an does do did in on of to for from with and or it this that defined declared used definition function class file code find show explain tell me'.split(
    ' ',
  ),
);

/** Files by path, in any order. */
export function rankPlaces(
  question: string,
  files: ReadonlyMap<string, string>,
  index: PassageIndex,
  count: number,
): RankedPlace[] {
  const places = identifiersOf(question).flatMap(name => definitionsOf(name, files));
  for (const { path, startLine, endLine, text } of index.find(question, count * 2)) {
    if (places.some(place => place.path === path && place.startLine <= endLine && place.endLine >= startLine))
      continue;
    places.push({ path, startLine, endLine, text });
  }
  return places.slice(0, count);
}

/** Names in the question that look like code: in backticks, or with a capital, digit or underscore inside; else any word that is not a question word. */
export function identifiersOf(question: string): string[] {
  const quoted = [...question.matchAll(/`([^`]+)`/g)].map(
    match => (match[1] as string).replace(/\(.*$/, '').split('.').at(-1) as string,
  );
  const words = question.match(/[A-Za-z_$][\w$]*/g) ?? [];
  const codeLike = words.filter(word => /[a-z][A-Z]|_|\d|^[A-Z][a-z]+[A-Z]/.test(word));
  const plain = words.filter(word => !questionWords.has(word.toLowerCase()));
  return [...new Set([...quoted, ...codeLike, ...plain])].filter(word => /^[A-Za-z_$][\w$]*$/.test(word));
}

/** Lines that define `name`, in path order. Only lines that hold the name are looked at. */
function definitionsOf(name: string, files: ReadonlyMap<string, string>): RankedPlace[] {
  const escaped = name.replace(/[$]/g, '\\$&');
  const keyword = String.raw`(?:function\*?|class|interface|type|enum|const|let|var|def|fn|struct|trait|func|module|namespace|impl|macro_rules!)`;
  const pattern = new RegExp(
    String.raw`^\s*(?:(?:export|default|declare|public|private|protected|static|abstract|async|pub(?:\([^)]*\))?|final|override|readonly)\s+)*(?:${keyword}\s+(?:\([^)]*\)\s*)?${escaped}(?![\w$])|${escaped}\s*(?:<[^>]*>)?\([^)]*\)\s*(?::[^{;]+)?\{)`,
  );
  const found: RankedPlace[] = [];
  for (const path of [...files.keys()].sort()) {
    for (const { line, text } of linesWith(name, files.get(path) as string))
      if (text.length <= lineCharsMax && pattern.test(text))
        found.push({ path, startLine: line, endLine: line, text });
    if (found.length >= definitionsMax) break;
  }
  return found;
}

/** Longer ones are data or minified, and slow to match. */
const lineCharsMax = 1_000;
/** Of one name; a name defined everywhere says nothing. */
const definitionsMax = 50;

function* linesWith(name: string, text: string): Generator<{ line: number; text: string }> {
  let line = 1;
  let counted = 0;
  for (let at = text.indexOf(name); at >= 0;) {
    const start = text.lastIndexOf('\n', at) + 1;
    for (
      let next = text.indexOf('\n', counted);
      next >= 0 && next < start;
      next = text.indexOf('\n', counted)
    ) {
      line++;
      counted = next + 1;
    }
    const end = text.indexOf('\n', at);
    yield { line, text: text.slice(start, end < 0 ? text.length : end) };
    at = end < 0 ? -1 : text.indexOf(name, end);
  }
}
