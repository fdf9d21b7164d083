// Text as the terms that a search compares: words and identifiers, whole and by their parts, whatever their case and endings. Of scripts
// without spaces (and Korean, whose words carry their endings) every two neighbouring characters are a term.

/** A word or name as programming languages take it, in any script. */
export const wordPattern = /[\p{L}\p{M}\p{N}_$]+/gu;

/** Scripts whose words are not told apart by spaces alone. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]+/gu;

/** Longer words are data. */
const wordCharsMax = 200;

/** The words of a text in their order, each with where it ends. */
export function* wordsIn(text: string): Generator<[word: string, end: number]> {
  let start = -1;
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : 32;
    if (code < 128 ? isWordCode[code] : true) {
      if (start < 0) start = i;
      continue;
    }
    if (start < 0) continue;
    const from = start;
    start = -1;
    if (i - from > wordCharsMax) continue;
    const word = text.slice(from, i);
    if (!hasOther.test(word)) yield [word, i];
    else for (const match of word.normalize('NFC').matchAll(wordPattern)) yield [match[0], i];
  }
}

const hasOther = /[^\x00-\x7f]/;
const isWordCode = Array.from({ length: 128 }, (_, code) => /[\w$]/.test(String.fromCharCode(code)));

/** Words and identifiers of a text in lower case: the whole, and its camelCase and snake_case parts. */
export function identifierTerms(text: string): string[] {
  const terms: string[] = [];
  for (const [word] of wordsIn(text)) terms.push(...partsOf(word));
  return terms;
}

/** What a word is found by, stemmed. */
export function termsOfWord(word: string): string[] {
  return partsOf(word).map(stem);
}

function partsOf(word: string): string[] {
  const terms = [word.toLowerCase()];
  let bare = word;
  if (hasOther.test(word)) {
    for (const run of unspacedRuns(word)) terms.push(...pairs(run));
    // A name that a particle of Korean or a word of Chinese follows without a space.
    bare = word.replace(unspaced, '_');
  }
  const parts = bare
    .split(/[_$]+|(?<=\p{Ll}|\p{N})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u)
    .filter(part => part.length > 1);
  if (parts.length > 1 || (parts.length === 1 && parts[0] !== word))
    terms.push(...parts.map(part => part.toLowerCase()));
  return terms;
}

/** The stretches of a text in scripts without spaces. */
export function unspacedRuns(text: string): string[] {
  return text.match(unspaced) ?? [];
}

/** Every two neighbouring characters. */
export function pairs(run: string): string[] {
  const characters = [...run];
  return characters.slice(1).map((character, i) => `${characters[i]}${character}`);
}

/** English endings go: caches, cached and caching are one term. Other words stay as they are. */
export function stem(term: string): string {
  if (term.length < 4 || !/^[a-z]+$/.test(term)) return term;
  let root = term;
  if (root.endsWith('ies') && root.length > 4) root = `${root.slice(0, -3)}y`;
  else if (/(?:s|x|z|ch|sh)es$/.test(root)) root = root.slice(0, -2);
  else if (/[^su]s$/.test(root)) root = root.slice(0, -1);
  if (/(?:[aeiouy].*)(?:ing|ed)$/.test(root) && root.length > 5) {
    root = root.replace(/(?:ing|ed)$/, '');
    if (/([bdfgmnprt])\1$/.test(root)) root = root.slice(0, -1);
  }
  if (root.length > 3 && root.endsWith('e')) root = root.slice(0, -1);
  if (root.length > 3 && root.endsWith('y')) root = `${root.slice(0, -1)}i`;
  return root;
}
