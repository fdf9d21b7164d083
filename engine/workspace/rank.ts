// Question -> places that answer it: definitions of the identifiers it names, then the passages a text search likes best. What is
// looked at is bounded, however long the question is.
import { identifierTerms, type PassageIndex } from './passage_index.ts';

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

/** A name as programming languages take it, in any script. */
const nameInText = /[\p{L}_$][\p{L}\p{M}\p{N}_$]*/gu;
const wholeName = /^[\p{L}_$][\p{L}\p{M}\p{N}_$]*$/u;

/** Names of a question whose definitions are looked for; those that look most like code come first. */
const identifiersMax = 32;
/** Words of a question that the text search gets. */
const searchWordsMax = 64;
/** Characters of a question that are looked at: its beginning and its end, since code is pasted before or after what is asked. */
const questionCharsMax = 20_000;

/** The best `count` places for the question. */
export function rankPlaces(question: string, index: PassageIndex, count: number): RankedPlace[] {
  const half = questionCharsMax / 2;
  const asked =
    question.length <= questionCharsMax ? question : `${question.slice(0, half)}\n${question.slice(-half)}`;
  const places: RankedPlace[] = [];
  for (const name of identifiersOf(asked)) {
    if (places.length >= count) break;
    places.push(...definitionsOf(name, index));
  }
  if (places.length < count)
    for (const { path, startLine, endLine, text } of index.find(searchWords(asked), count * 2))
      if (
        !places.some(place => place.path === path && place.startLine <= endLine && place.endLine >= startLine)
      )
        places.push({ path, startLine, endLine, text });
  return places.slice(0, count);
}

/**
 * Names in the question that look like code: in backticks, or with a capital, digit or underscore inside; then any word that is
 * not a question word. At most `identifiersMax`.
 */
export function identifiersOf(question: string): string[] {
  const quoted = [...question.matchAll(/`([^`]+)`/g)].map(
    match => (match[1] as string).replace(/\(.*$/s, '').split('.').at(-1) as string,
  );
  const words = question.normalize('NFC').match(nameInText) ?? [];
  const codeLike = words.filter(word => /\p{Ll}\p{Lu}|_|\d|^\p{Lu}\p{Ll}+\p{Lu}/u.test(word));
  const plain = words.filter(word => !questionWords.has(word.toLowerCase()));
  const names = new Set([...quoted, ...codeLike, ...plain].filter(word => wholeName.test(word)));
  return bothEnds([...names], identifiersMax);
}

/** The words of the text, each once. */
function searchWords(text: string): string {
  return bothEnds([...new Set(identifierTerms(text))], searchWordsMax).join(' ');
}

/** As many as `max`, half of them from the beginning and half from the end. */
function bothEnds<T>(all: readonly T[], max: number): T[] {
  return all.length <= max ? [...all] : [...all.slice(0, max / 2), ...all.slice(-max / 2)];
}

/** Lines that define `name`, in path order. Only passages that hold the name are looked at. */
function definitionsOf(name: string, index: PassageIndex): RankedPlace[] {
  const escaped = name.replace(/[$]/g, '\\$&');
  const keyword = String.raw`(?:function\*?|class|interface|type|enum|const|let|var|def|fn|struct|trait|func|module|namespace|impl|macro_rules!)`;
  const pattern = new RegExp(
    String.raw`^\s*(?:(?:export|default|declare|public|private|protected|static|abstract|async|pub(?:\([^)]*\))?|final|override|readonly)\s+)*(?:${keyword}\s+(?:\([^)]*\)\s*)?${escaped}(?![\p{L}\p{N}_$])|${escaped}\s*(?:<[^>]*>)?\([^)]*\)\s*(?::[^{;]+)?\{)`,
    'u',
  );
  const found: RankedPlace[] = [];
  for (const { path, startLine, text } of index.passagesWith(name, passagesMax)) {
    for (const [i, line] of text.split('\n').entries())
      if (line.length <= lineCharsMax && line.includes(name) && pattern.test(line))
        found.push({ path, startLine: startLine + i, endLine: startLine + i, text: line });
    if (found.length >= definitionsMax) break;
  }
  return found;
}

/** Longer lines are data or minified, and slow to match. */
const lineCharsMax = 1_000;
/** Of one name; a name defined everywhere says nothing. */
const definitionsMax = 50;
/** Passages that hold a name and are searched for its definition. */
const passagesMax = 2_000;
