// Which files of a workspace name which others in their imports, by the forms of the common languages. An import that is not found
// among the files, as that of a package, leads nowhere. Pure.

/** Imports stand at the beginning of a file. */
const charsLookedAt = 8_000;
/** A folder that is imported, as in Go, stands for so many of its files at most. */
const filesOfFolderMax = 20;

interface ImportForm {
  extensions: RegExp;
  /** Paths without an extension that the text may mean, each as the ending of a path, or from the root when it begins with a slash. */
  targets: (text: string, path: string) => Iterable<string>;
}

const forms: readonly ImportForm[] = [
  { extensions: /\.(?:[cm]?[jt]sx?|vue|svelte|astro)$/, targets: scriptTargets },
  { extensions: /\.pyi?$/, targets: pythonTargets },
  { extensions: /\.rs$/, targets: rustTargets },
  { extensions: /\.(?:c|h|cc|cpp|cxx|hh|hpp|hxx|m|mm|cu|cuh|proto)$/, targets: includeTargets },
  { extensions: /\.(?:java|kt|kts|scala|groovy|cs|php)$/, targets: dottedTargets },
  { extensions: /\.go$/, targets: goTargets },
  { extensions: /\.rb$/, targets: rubyTargets },
];

/** The files that each file imports, by path. */
export function importsOf(
  files: readonly { path: string; text: string }[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const places = new Places(files.map(({ path }) => path));
  return new Map(
    files.map(({ path, text }) => {
      const found = new Set<string>();
      const form = forms.find(({ extensions }) => extensions.test(path));
      for (const target of form?.targets(text.slice(0, charsLookedAt), path) ?? [])
        for (const file of places.of(target)) if (file !== path) found.add(file);
      return [path, found];
    }),
  );
}

/** Paths by their names without extension, and folders. */
class Places {
  readonly #byStem = new Map<string, string[]>();
  readonly #byFolder = new Map<string, string[]>();

  constructor(paths: readonly string[]) {
    for (const path of paths) {
      const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
      this.#add(this.#byStem, stemOf(path).split('/').at(-1) as string, path);
      this.#add(this.#byFolder, folder.split('/').at(-1) as string, path);
    }
  }

  /** The file that the target means, or the files of the folder; none when several files could be meant. */
  of(target: string): readonly string[] {
    const [fromRoot, ending] = target.startsWith('/') ? [true, target.slice(1)] : [false, target];
    if (ending === '') return [];
    const isMeant = (stem: string): boolean => stem === ending || (!fromRoot && stem.endsWith(`/${ending}`));
    const name = ending.split('/').at(-1) as string;
    // The target may be written with the ending of its file.
    const named = new Set([name, stemOf(name)].flatMap(stem => this.#byStem.get(stem) ?? []));
    const files = [...named].filter(path => isMeant(stemOf(path)) || isMeant(path));
    if (files.length > 0) return files.length === 1 ? files : [];
    const inFolder = (this.#byFolder.get(name) ?? []).filter(path =>
      isMeant(path.slice(0, Math.max(0, path.lastIndexOf('/')))),
    );
    const index = inFolder.filter(path => /\/(index|mod|__init__)\.\w+$/.test(path));
    if (index.length > 0) return index.length === 1 ? index : [];
    return inFolder.length <= filesOfFolderMax ? inFolder : [];
  }

  #add(map: Map<string, string[]>, key: string, path: string): void {
    const list = map.get(key);
    if (list) list.push(path);
    else map.set(key, [path]);
  }
}

function* scriptTargets(text: string, path: string): Iterable<string> {
  for (const [, written = ''] of text.matchAll(
    /(?:\bfrom|\bimport|\brequire\s*\(|\bimport\s*\()\s*['"]([^'"\n]{1,300})['"]/g,
  )) {
    const wanted = withoutScriptEnding(written);
    if (wanted.startsWith('.')) yield joined(path, wanted);
    // Aliases that projects commonly have for their own sources.
    else if (/^(?:[@~]\/|src\/|#)/.test(wanted)) yield wanted.replace(/^(?:[@~]\/|#\/?)/, '');
  }
}

/** TypeScript names the file that will be there when it has been compiled. */
function withoutScriptEnding(written: string): string {
  return written.replace(/\.(?:[cm]?[jt]sx?|vue|svelte|astro)$/, '');
}

function* pythonTargets(text: string, path: string): Iterable<string> {
  for (const [, from, several, names = several, plain] of text.matchAll(
    /^[ \t]*(?:from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]+(?:\(([^)]*)\)|([^\n]*))|import[ \t]+([\w., \t]+))/gm,
  )) {
    if (plain !== undefined)
      for (const name of plain.split(',')) yield dotted((name.trim().split(/\s/)[0] ?? '').trim());
    if (from === undefined) continue;
    const dots = /^\.*/.exec(from)?.[0].length ?? 0;
    const module = dotted(from.slice(dots));
    const base = dots > 0 ? joined(path, `${'../'.repeat(dots - 1) || './'}${module}`) : module;
    yield base;
    for (const name of (names ?? '').split(','))
      if (/^\s*\w+/.test(name)) yield `${base}/${(/\w+/.exec(name) as RegExpExecArray)[0]}`;
  }
}

function* rustTargets(text: string, path: string): Iterable<string> {
  const own = /(?:^|\/)(?:mod|lib|main)\.rs$/.test(path) ? './' : `./${stemOf(path).split('/').at(-1)}/`;
  for (const [, name = ''] of text.matchAll(/^\s*(?:pub(?:\([^)]*\))?\s+)?mod\s+(\w+)\s*;/gm))
    yield joined(path, own + name);
  for (const [, name = ''] of text.matchAll(/\buse\s+crate::([\w:]+)/g)) {
    const parts = name.split('::').filter(Boolean);
    // What is imported is a module, or stands in one.
    yield parts.join('/');
    yield parts.slice(0, -1).join('/');
  }
}

function* includeTargets(text: string, path: string): Iterable<string> {
  for (const [, written = ''] of text.matchAll(
    /^\s*(?:#\s*(?:include|import)|import)\s*"([^"\n]{1,300})"/gm,
  )) {
    yield joined(path, `./${written}`);
    yield written.replace(/^(?:\.\.?\/)+/, '');
  }
}

function* dottedTargets(text: string): Iterable<string> {
  for (const [, name = ''] of text.matchAll(/^\s*(?:import(?:\s+static)?|use|using)\s+([\w.\\]+)/gm))
    yield dotted(name.replaceAll('\\', '.'));
}

function* goTargets(text: string): Iterable<string> {
  for (const [, written = ''] of text.matchAll(/^\s*(?:import\s+)?(?:[\w.]+\s+)?"([\w./-]+)"\s*$/gm)) {
    const parts = written.split('/');
    // A name of one part is a package of the language; of a longer one the module's own name is no folder.
    if (parts.length > 1) yield parts.slice(-2).join('/');
  }
}

function* rubyTargets(text: string, path: string): Iterable<string> {
  for (const [, relative, written = ''] of text.matchAll(
    /^\s*require(_relative)?\s*\(?\s*['"]([^'"\n]{1,300})['"]/gm,
  ))
    yield relative ? joined(path, `./${written}`) : written;
}

function dotted(name: string): string {
  return name.split('.').filter(Boolean).join('/');
}

/** A path as it is written in a file, from the root: with a slash in front. */
function joined(path: string, written: string): string {
  const parts = path.split('/').slice(0, -1);
  for (const part of written.split('/'))
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  return `/${parts.join('/')}`;
}

function stemOf(path: string): string {
  const dot = path.lastIndexOf('.');
  return dot > path.lastIndexOf('/') + 1 ? path.slice(0, dot) : path;
}
