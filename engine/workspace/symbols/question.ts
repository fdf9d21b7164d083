// A question in English, Korean or Chinese as what is to be searched: names of code, paths, words, and what is wanted of them. How much of
// it is looked at is bounded.
import { englishWordsFor } from './programming_words.ts';
import { pairs, stem, termsOfWord, unspacedRuns, wordsIn } from './terms.ts';

/**
 * `callers`: who calls or uses a name; `definition`: where it is; `file`: which one does something; `described`: which one does what many
 * words say, so that a name among them is a word like the others; `open`: anything else.
 */
export type Wanted = 'callers' | 'definition' | 'file' | 'described' | 'open';

export interface Question {
  wanted: Wanted;
  /** Names that look like code, those in backticks first. */
  names: string[];
  /** Other words that may be names. */
  words: string[];
  /** What may be paths of files and folders, without `@`. */
  paths: string[];
  /** Stemmed, with what each is worth. */
  terms: Map<string, number>;
  /** Stretches of scripts without spaces, in which names may stand. */
  runs: string[];
}

/** Characters of a question that are looked at: its beginning and its end, since code is pasted before or after what is asked. */
const questionCharsMax = 20_000;
const namesMax = 32;
const termsMax = 64;
const pathsMax = 16;
const runCharsMax = 64;

const functionWords = new Set(
  `where what which who whom whose how why when is are was were be been being the a an does do did done in on of to for from with and or not
  it its this that these those there here can could should would will may might must i you we they he she my your our me us if then else so
  as at by into about any all some one please`
    .split(/\s+/)
    .filter(Boolean),
);
/** What is asked of code, and in a description says what the code does. */
const askingWords = new Set(
  `defined define definition declared declare declaration used use uses using usage usages call calls called caller callers calling invoke
  invokes invoked reference references referenced function functions class classes file files code find show explain tell give list located
  locate implementation implements implement implemented module method methods`.split(/\s+/),
);
const isQuestionWord = (word: string) => functionWords.has(word) || askingWords.has(word);
const stoppedInDescriptions = new Set([...functionWords].map(stem));
const stoppedTerms = new Set([...functionWords, ...askingWords].map(stem));
/** Words besides names, at least, that describe something. */
const describingWordsMin = 4;
/** A word of a script without spaces, about. */
const wordChars = 3;

/** Parts of a question in Korean or Chinese that say what is wanted, and nothing of the code. */
const questionRuns =
  /어디에서|어디에|어디서|어디|무엇을|무엇이|무엇|무슨|어떤|어느|누가|왜|어떻게|인가요|있나요|하나요|되나요|합니까|입니까|나요|인가|있는|있습니까|정의되어|정의된|정의|선언된|선언|호출하는|호출하나|호출|사용하는|사용하나|사용|참조하는|참조|부르는|쓰는|곳은|곳|찾아줘|찾아|알려줘|알려|보여줘|설명해줘|설명|다음|해당하는|해당|에서|합니다|하는|되는|대한|코드|그리고|것은|것|하고|있다|한다|입니다|哪些|哪个|哪個|哪里|哪裡|哪儿|什么|什麼|为什么|為什麼|怎么|怎麼|如何|谁|誰|在哪|在|的|是|了|吗|嗎|呢|请|請|被|里|裡|中|定义|定義|声明|聲明|调用|調用|呼叫|使用|引用|用到|找到|告诉|告訴|我|代码|代碼|程式碼|实现|實現|负责|負責|做|地方|以下|描述|对应|對應/gu;

const callWords = String.raw`\b(?:call(?:s|ed|ers?|ing)?|invok(?:es?|ed|ing)|uses?|used|using|usages?|references?|referenced|referencing|depends? on|imports?|imported)\b`;
const callWordsUnspaced = '호출|사용|참조|부르는|쓰는|调用|調用|呼叫|使用|引用|用到';
const filePhrase =
  /\b(?:which|what) (?:file|module|class|function|code|component|part)s?\b|(?:어떤|어느|무슨) (?:파일|모듈|클래스|함수|코드)|哪(?:一)?(?:个|個|些)?(?:文件|檔案|模块|模組|函数|函式|类)/iu;
/** Who calls is asked at once, as in "Which files import …", or in a language that puts it elsewhere. */
const callersOfFile = new RegExp(
  String.raw`(?:${filePhrase.source}) (?:\w+ )?${callWords}|${callWordsUnspaced}`,
  'iu',
);

const patterns: [Wanted, RegExp][] = [
  ['callers', new RegExp(`${callWords}|${callWordsUnspaced}`, 'iu')],
  ['file', filePhrase],
  [
    'definition',
    /\bwhere\b|\bdefin|\bdeclar|\bfind\b|정의|선언|어디|찾아|定义|定義|声明|聲明|在哪|哪里|哪裡|找/iu,
  ],
];

export function questionOf(text: string): Question {
  const half = questionCharsMax / 2;
  const asked = (
    text.length <= questionCharsMax ? text : `${text.slice(0, half)}\n${text.slice(-half)}`
  ).normalize('NFC');
  const quoted = [...asked.matchAll(/`([^`\n]{1,300})`/g)].map(match => match[1] as string);
  const { names, words } = namesOf(asked, quoted);
  const wanted = wantedOf(withoutCode(asked), words);
  return {
    wanted,
    names,
    words,
    paths: pathsOf(asked, quoted),
    terms:
      wanted === 'described'
        ? termsOf(asked.replace(filePhrase, ' '), stoppedInDescriptions)
        : termsOf(asked, stoppedTerms),
    runs: bothEnds(unspacedRuns(asked), namesMax).map(run => run.slice(0, runCharsMax)),
  };
}

function wantedOf(prose: string, words: readonly string[]): Wanted {
  if (filePhrase.test(prose) && !callersOfFile.test(prose) && describingCount(words) >= describingWordsMin)
    return 'described';
  return patterns.find(([, pattern]) => pattern.test(prose))?.[0] ?? 'open';
}

/** How many words there are; those that ask do not count, and of scripts without spaces there are as many as have room. */
function describingCount(words: readonly string[]): number {
  let count = 0;
  for (const word of words) {
    const runs = unspacedRuns(word);
    if (runs.length === 0) count++;
    for (const run of runs)
      for (const left of run.replace(questionRuns, ' ').split(' '))
        if (left.length > 1) count += Math.ceil(left.length / wordChars);
  }
  return count;
}

function withoutCode(text: string): string {
  return text.replace(/`[^`]*`/g, ' ').replace(/[\w$]*(?:[a-z][A-Z]|_)[\w$]*/g, ' ');
}

function namesOf(asked: string, quoted: readonly string[]): { names: string[]; words: string[] } {
  const inQuotes = quoted
    .map(
      code =>
        code
          .replace(/\(.*$/s, '')
          .split(/\.|::|#/)
          .at(-1) as string,
    )
    .filter(code => /^[\p{L}_$#-][\p{L}\p{M}\p{N}_$-]*$/u.test(code));
  const all = [...wordsIn(asked)].flatMap(([word]) => {
    const latin = word.match(/[A-Za-z_$][\w$]*/g) ?? [];
    return latin.length === 1 && latin[0] === word ? [word] : [word, ...latin];
  });
  const isCode = (word: string) => /\p{Ll}\p{Lu}|_|\p{L}\d|^\p{Lu}\p{Ll}+\p{Lu}|\$|^\p{Lu}{2,}$/u.test(word);
  const named = all.filter(word => /^[\p{L}_$]/u.test(word) && !isQuestionWord(word.toLowerCase()));
  const names = new Set([...inQuotes, ...named.filter(isCode)]);
  const words = new Set(named.filter(word => !names.has(word)));
  return { names: bothEnds([...names], namesMax), words: bothEnds([...words], namesMax) };
}

/** Names with a slash or an ending, and all that stands behind an `@`. */
function pathsOf(asked: string, quoted: readonly string[]): string[] {
  const bare = [
    ...asked.matchAll(/(?<![\w/\\.-])@?((?:[\p{L}\p{N}_.[\]()@-]+[/\\])*[\p{L}\p{N}_.[\]@-]{1,200})/gu),
  ].map(match =>
    // Words of Chinese and particles of Korean may follow without a space.
    (match[1] as string).replace(/(\.[A-Za-z]\w{0,9})[^\x00-\x7f].*$/, '$1').replace(/[.)\]]+$/, ''),
  );
  const marked = [...asked.matchAll(/@([^\s@,;:!?`'"]{1,300})/g)].map(match => match[1] as string);
  const likely = bare.filter(path => /[/\\]/.test(path) || /\.[A-Za-z]\w{0,9}$/.test(path));
  const all = [...marked, ...quoted, ...likely].map(path =>
    path
      .replaceAll('\\', '/')
      .replace(/^\.?\//, '')
      .replace(/:\d[\d-]*$/, ''),
  );
  return bothEnds(
    [...new Set(all)].filter(path => path.length > 1),
    pathsMax,
  );
}

function termsOf(asked: string, stopped: ReadonlySet<string>): Map<string, number> {
  const terms = new Map<string, number>();
  const add = (term: string, worth: number) => {
    const known = terms.get(term);
    if (known === undefined || known < worth) terms.set(term, worth);
  };
  for (const [word] of wordsIn(asked)) {
    const latin = word.match(/[\w$]+/g) ?? [];
    for (const bare of latin)
      for (const term of termsOfWord(bare)) if (!stopped.has(term) && term.length > 1) add(term, 1);
    if (/^[\x00-\x7f]+$/.test(word)) continue;
    if (unspacedRuns(word).length === 0) for (const term of termsOfWord(word)) add(term, 1);
    for (const run of unspacedRuns(word.replace(questionRuns, ' '))) {
      for (const pair of pairs(run)) add(pair, 0.6);
      for (const meant of englishWordsFor(run)) if (!stopped.has(stem(meant))) add(stem(meant), 0.5);
    }
  }
  return new Map(bothEnds([...terms], termsMax));
}

/** As many as `max`, half of them from the beginning and half from the end. */
function bothEnds<T>(all: readonly T[], max: number): T[] {
  return all.length <= max ? [...all] : [...all.slice(0, max / 2), ...all.slice(-max / 2)];
}
