// What clean-up must know of a language: its comments, its quotes, whether its brackets pair up, and how its lines are indented.
// Pure.

export interface Syntax {
  /** What begins a comment that ends with the line. */
  lineComments: readonly string[];
  /** What a comment begins and ends with. */
  blockComments: readonly (readonly [string, string])[];
  /** Brackets pair up, comments and strings aside; not so in prose and in the patterns of a shell's `case`. */
  bracketsPair: boolean;
  /** A single quote encloses one character, or stands for something else, as in Rust's lifetimes. */
  charQuotes: boolean;
  /** Fences of code are part of the language. */
  fences: boolean;
  /** Lines are indented with tabs, whatever the file looks like so far. */
  tabs: boolean;
  /** Commands below a rule begin with a tab. */
  recipes: boolean;
}

/** A language that nothing is known of. */
const unknown: Syntax = {
  lineComments: [],
  blockComments: [],
  bracketsPair: false,
  charQuotes: false,
  fences: false,
  tabs: false,
  recipes: false,
};
const slashes: Partial<Syntax> = { lineComments: ['//'], blockComments: [['/*', '*/']], bracketsPair: true };
const hashes: Partial<Syntax> = { lineComments: ['#'] };
const markup: Partial<Syntax> = { blockComments: [['<!--', '-->']] };

/** By the editor's ids of languages and by the endings (or, without one, the names) of files. */
const table: Record<string, Partial<Syntax>> = {
  'typescript ts mts cts typescriptreact tsx javascript js mjs cjs javascriptreact jsx php dart': slashes,
  'rust rs c h cpp cc cxx hpp hxx java csharp cs kotlin kt kts swift scala': { ...slashes, charQuotes: true },
  'go golang': { ...slashes, charQuotes: true, tabs: true },
  'python py pyi pyw ruby rb r julia jl': { ...hashes, bracketsPair: true },
  css: { blockComments: [['/*', '*/']], bracketsPair: true },
  'scss sass less jsonc json5': slashes,
  json: { bracketsPair: true },
  'yaml yml toml dockerfile ini properties dotenv': hashes,
  'shellscript sh bash zsh fish': hashes,
  'makefile mk mak gnumakefile': { ...hashes, recipes: true },
  'sql lua': { lineComments: ['--'] },
  'html htm xhtml xml svg vue svelte handlebars': markup,
  'markdown md mdx quarto rmd': { ...markup, fences: true },
  'plaintext txt asciidoc adoc restructuredtext rst git-commit': { fences: true },
};
const syntaxes = new Map(
  Object.entries(table).flatMap(([names, more]) => {
    const syntax: Syntax = { ...unknown, ...more };
    return names.split(' ').map(name => [name, syntax] as const);
  }),
);

/** What is known of the language of a file: by the editor's id of it, or else by the file's name. */
export function syntaxOf({ languageId = '', path }: { languageId?: string; path: string }): Syntax {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const ending = name.slice(name.lastIndexOf('.') + 1);
  return syntaxes.get(languageId) ?? syntaxes.get(ending) ?? unknown;
}

/** Whether a comment begins in the line and is not ended in it: what is typed next belongs to it. */
export function endsInComment(line: string, { lineComments, blockComments }: Syntax): boolean {
  return (
    lineComments.some(mark => new RegExp(commentBeginning(mark)).test(line)) ||
    blockComments.some(([begin, end]) => line.lastIndexOf(begin) > line.lastIndexOf(end)) ||
    (blockComments.some(([begin]) => begin === '/*') && /^\s*\*(\s|$)/.test(line))
  );
}

/**
 * The source of a pattern for the mark where a comment may begin: at a line's start, after white space and after some punctuation,
 * for addresses hold `//` too.
 */
export function commentBeginning(mark: string): string {
  return String.raw`(?<=^|[\s;,(){}])${escaped(mark)}`;
}

/** The source of a pattern for just these characters. */
export function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
