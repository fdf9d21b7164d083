// A first question that the open files can answer: where a function or class that one of them exports is defined. The text
// of each file is looked at once, when it is read; one name of each is kept.
import { basename, extname } from 'node:path';
import { t } from '../l10n.ts';

/** Lines that export a function or a class, by language; the name is the group. */
const exportLines: { extensions: string[]; pattern: RegExp }[] = [
  {
    extensions: ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs'],
    pattern: /^export (?:default )?(?:async )?(?:function\*? |(?:abstract )?class )([A-Za-z_]\w*)/gm,
  },
  { extensions: ['.py'], pattern: /^(?:async def|def|class) ([A-Za-z]\w*)/gm },
  { extensions: ['.rs'], pattern: /^pub (?:async )?(?:fn|struct|enum|trait) ([A-Za-z]\w*)/gm },
  { extensions: ['.go'], pattern: /^(?:func|type) ([A-Z]\w*)/gm },
  { extensions: ['.java', '.cs', '.kt'], pattern: /^(?:public )?(?:\w+ )*class ([A-Z]\w*)/gm },
];
/** Shorter names occur everywhere in a text; longer ones make a clumsy question. */
const nameCharsMin = 4;
const nameCharsMax = 40;
/** Every program has these: nobody would ask for them. */
const plainNames = new Set(['main', 'default', 'setup', 'index', 'test']);
/** Files beside the work itself. */
const asideFolders =
  /(^|\/)(tests?|__tests__|specs?|fixtures?|examples?|vendor|_vendor|third_party|scripts|tools)\//i;

interface Kept {
  language: number;
  symbol: string;
  /** The file is named after it, so it is what the file is about. */
  isMain: boolean;
}

/** The first function or class that a file exports, or the one it is named after; undefined when there is none. */
export function exportedSymbol(path: string, text: string): Kept | undefined {
  const extension = extname(path).toLowerCase();
  const language = exportLines.findIndex(({ extensions }) => extensions.includes(extension));
  const line = exportLines[language];
  if (!line) return undefined;
  const fileName = bare(basename(path, extname(path)));
  let first: string | undefined;
  for (const [, symbol = ''] of text.matchAll(line.pattern)) {
    if (symbol.length < nameCharsMin || symbol.length > nameCharsMax || plainNames.has(symbol)) continue;
    if (bare(symbol) === fileName) return { language, symbol, isMain: true };
    first ??= symbol;
  }
  return first === undefined ? undefined : { language, symbol: first, isMain: false };
}

/** What the files of a workspace export, one name each. */
export class SampleQuestions {
  readonly #symbols = new Map<string, Kept>();

  /** Takes over the text of a file, new or changed. */
  put(path: string, text: string): void {
    const found = exportedSymbol(path, text);
    if (found) this.#symbols.set(path, found);
    else this.#symbols.delete(path);
  }

  remove(path: string): void {
    this.#symbols.delete(path);
  }

  clear(): void {
    this.#symbols.clear();
  }

  /**
   * A question about one of these files, which the model sees whole. It is about a file in the main language and a name that
   * no other file exports, preferably one that the file is named after. Undefined when there is none.
   */
  among(paths: readonly string[]): string | undefined {
    const seen = paths.flatMap(path => {
      const kept = this.#symbols.get(path);
      return kept ? [{ ...kept, isAside: asideFolders.test(path), path }] : [];
    });
    const own = seen.some(({ isAside }) => !isAside) ? seen.filter(({ isAside }) => !isAside) : seen;
    const main = mostFrequent(own.map(({ language }) => language));
    const names = [...this.#symbols.values()].map(({ symbol }) => symbol);
    const isUnique = (symbol: string): boolean => names.indexOf(symbol) === names.lastIndexOf(symbol);
    const choice = own
      .filter(({ language, symbol }) => language === main && isUnique(symbol))
      .sort((a, b) => Number(b.isMain) - Number(a.isMain) || (a.path < b.path ? -1 : 1))[0];
    return choice && t('Where is {0} defined?', choice.symbol);
  }
}

/** `price_list`, `price-list` and `PriceList` are the same name. */
function bare(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]/g, '').toLowerCase();
}

function mostFrequent(values: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}
