// Question -> places that answer it, best first: files and folders that it names, then definitions of its names or who calls them, then
// what a search of its words likes best.
import { asideShare, definitionWorth, isAsideFile } from './definition_worth.ts';
import { questionOf, type Question } from './question.ts';
import { termsOfWord } from './terms.ts';
import type { IndexedPassage, SymbolIndex } from './symbol_index.ts';

export interface FoundPlace {
  path: string;
  /** 1-based, inclusive. */
  startLine: number;
  endLine: number;
}

/** Of one name; a name defined everywhere says nothing. */
const definitionsMax = 8;
/** Files and folders that one path of a question may mean. */
const filesMeantMax = 3;
/** A named file that is no longer goes whole. */
const wholeLinesMax = 200;
/** Of a file of which only passages go, and of a folder. */
const passagesOfNamedMax = 12;
/** Passages that the search of words likes best; what their names say is looked at. */
const likelyMax = 400;
/** How much a file counts for each of its passages. */
const fileShare = 0.2;
/** How much it counts that the words of the question make up the name of a symbol. */
const nameShare = 1.5;
/** How much it counts that they name what the symbol is a part of. */
const ownerShare = 0.5;

const asksForAside =
  /\b(?:tests?|specs?|fixtures?|mocks?|examples?|bench(?:mark)?s?|generated)\b|테스트|예제|测试|測試|示例/i;

/** The best `count` places for the question; they do not overlap. */
export function findPlaces(text: string, index: SymbolIndex, count: number): FoundPlace[] {
  const question = questionOf(text);
  const scores = index.scores(question.terms);
  const isAside = asksForAside.test(text) ? () => false : isAsideFile;
  const wordsWorth = (passage: IndexedPassage) => {
    const own = (scores.passages.get(passage) ?? 0) + fileShare * (scores.files.get(passage.path) ?? 0);
    return isAside(passage.path) ? own * asideShare : own;
  };
  const worthOf = (passage: IndexedPassage) =>
    wordsWorth(passage) +
    nameShare * nameWorth(passage, question, index) +
    ownerShare * ownerWorth(passage, question, index);
  const places = new Places(count);
  for (const path of filesMeant(question, index)) places.addFile(index.passagesIn(path), worthOf);
  for (const folder of foldersMeant(question, index))
    places.addAll(
      best(
        folder.flatMap(path => index.passagesIn(path)),
        worthOf,
        passagesOfNamedMax,
      ),
    );
  const names = namesMeant(question, index);
  const found = names.map(name =>
    question.wanted === 'callers'
      ? callersOf(name, index, { worthOf, isAside })
      : definitionsOf(name, index, { worthOf, isAside }),
  );
  for (const passage of inTurns(found)) places.add(passage);
  const likely = best([...scores.passages.keys()], wordsWorth, likelyMax);
  places.addAll(byWords(likely, worthOf, count * 2));
  return places.all;
}

/** Keeps places apart, and no more than asked for. */
class Places {
  readonly all: FoundPlace[] = [];
  readonly count: number;

  constructor(count: number) {
    this.count = count;
  }

  add({ path, startLine, endLine }: FoundPlace): void {
    if (this.all.length >= this.count) return;
    const overlaps = this.all.some(
      place => place.path === path && place.startLine <= endLine && place.endLine >= startLine,
    );
    if (!overlaps) this.all.push({ path, startLine, endLine });
  }

  addAll(places: Iterable<FoundPlace>): void {
    for (const place of places) this.add(place);
  }

  addFile(passages: readonly IndexedPassage[], worthOf: (passage: IndexedPassage) => number): void {
    const [first, last] = [passages[0], passages.at(-1)];
    if (!first || !last) return;
    if (last.endLine <= wholeLinesMax) this.add({ path: first.path, startLine: 1, endLine: last.endLine });
    else this.addAll([first, ...best(passages, worthOf, passagesOfNamedMax)]);
  }
}

/** The files that the question names, by a path or the end of one. */
function filesMeant({ paths }: Question, index: SymbolIndex): string[] {
  if (paths.length === 0) return [];
  const all = [...index.paths];
  const meant = paths.flatMap(written => {
    // What a script without spaces puts right before a path is not a part of it.
    for (const path of new Set([written, written.replace(/^[^\x00-\x7f]+/, '')])) {
      const found = all.filter(file => file === path || file.endsWith(`/${path}`));
      if (found.length > 0) return found.sort((a, b) => a.length - b.length).slice(0, filesMeantMax);
    }
    return [];
  });
  return [...new Set(meant)];
}

/** Files in each folder that the question names with a slash, or with a mark. */
function foldersMeant({ paths }: Question, index: SymbolIndex): string[][] {
  const folders = paths.filter(path => path.includes('/')).map(path => path.replace(/\/$/, ''));
  if (folders.length === 0) return [];
  const all = [...index.paths];
  return folders
    .slice(0, filesMeantMax)
    .map(folder => all.filter(file => `/${file}`.includes(`/${folder}/`)));
}

/** Names in the question that are defined here; plain words only where no other name is, and something of the kind is asked. */
function namesMeant({ names, words, runs, wanted }: Question, index: SymbolIndex): string[] {
  if (wanted === 'described') return [];
  const isDefined = (name: string) => index.defining(name).length > 0;
  const isWritten = (name: string) =>
    index.defining(name).some(passage => passage.names.some(own => own.name === name));
  const found = names.filter(name => isDefined(name) || index.calling(name).length > 0);
  for (const run of runs) found.push(...namesIn(run, isWritten));
  if (found.length > 0 || wanted === 'file' || wanted === 'open') return [...new Set(found)];
  return words.filter(isWritten);
}

/** The longest names that stand in a stretch without spaces. */
function namesIn(run: string, isName: (name: string) => boolean): string[] {
  const found: string[] = [];
  for (let from = 0; from < run.length; from++)
    for (let to = run.length; to >= from + 2; to--)
      if (isName(run.slice(from, to))) {
        found.push(run.slice(from, to));
        from = to - 1;
        break;
      }
  return found;
}

type WorthOf = (passage: IndexedPassage) => number;

/** How passages are compared. */
interface Worth {
  worthOf: WorthOf;
  /** The file is a test or the like, and the question is not about those. */
  isAside: (path: string) => boolean;
}

function definitionsOf(name: string, index: SymbolIndex, { worthOf, isAside }: Worth): IndexedPassage[] {
  const worth = (passage: IndexedPassage) =>
    Math.max(
      ...passage.names
        .filter(own => own.name.toLowerCase() === name.toLowerCase())
        .map(own => definitionWorth(own, name)),
    ) * (isAside(passage.path) ? asideShare : 1);
  return best(
    index.defining(name),
    passage => worth(passage) + Math.min(19, worthOf(passage)),
    definitionsMax,
  );
}

/** How much the question says of a name that the passage defines, and how much of that name it says. */
function nameWorth({ names }: IndexedPassage, { terms }: Question, index: SymbolIndex): number {
  let most = 0;
  for (const { name } of names) {
    const [whole, ...parts] = termsOfWord(name);
    let said = 0;
    let all = 0;
    for (const part of parts.length > 0 ? parts : [whole as string]) {
      const rarity = index.rarityOf(part);
      all += rarity;
      said += rarity * (terms.get(part) ?? 0);
    }
    if (all > 0) most = Math.max(most, (said * said) / all);
  }
  return most;
}

/** How much the question says of the names of what the passage is a part of. */
function ownerWorth({ owners }: IndexedPassage, { terms }: Question, index: SymbolIndex): number {
  const parts = new Set(owners.flatMap(termsOfWord));
  return [...parts].reduce((sum, part) => sum + index.rarityOf(part) * (terms.get(part) ?? 0), 0);
}

/** Where the name is called, then where else it stands, then where it is defined and imported. */
function callersOf(name: string, index: SymbolIndex, by: Worth): IndexedPassage[] {
  const { worthOf, isAside } = by;
  const importers = index.importing(name);
  const defines = (passage: IndexedPassage) => passage.names.some(own => own.name === name && !own.isMember);
  const homes = new Set(
    index
      .defining(name)
      .filter(defines)
      .map(passage => passage.path),
  );
  const calls = new Map(index.calling(name).map(({ passage, times }) => [passage, times]));
  const mentions = index.mentioning(name).map(({ passage }) => passage);
  const isImport = (passage: IndexedPassage) =>
    !calls.has(passage) && passage.names.length === 0 && passage.owners.length === 0;
  const uses = best(
    mentions.filter(passage => !defines(passage)),
    passage =>
      (calls.has(passage) ? 1_000 : 0) +
      (importers.has(passage.path) ? 400 : 0) +
      (homes.has(passage.path) ? 200 : 0) +
      (isAside(passage.path) ? 0 : 50) +
      5 * Math.min(4, calls.get(passage) ?? 0) +
      Math.min(19, worthOf(passage)),
    passagesOfNamedMax * 2,
  );
  return [
    ...uses.filter(passage => !isImport(passage)),
    ...definitionsOf(name, index, by),
    ...uses.filter(isImport),
  ];
}

/** The best passage of each file first, then what else they have. */
function byWords(likely: readonly IndexedPassage[], worthOf: WorthOf, count: number): IndexedPassage[] {
  const sorted = best(likely, worthOf, likely.length);
  const seen = new Set<string>();
  const first = sorted.filter(({ path }) => !seen.has(path) && seen.add(path)).slice(0, count / 2);
  return [...first, ...sorted.filter(passage => !first.includes(passage))].slice(0, count);
}

function best(passages: readonly IndexedPassage[], worthOf: WorthOf, count: number): IndexedPassage[] {
  return passages
    .map(passage => ({ passage, worth: worthOf(passage) }))
    .sort((a, b) => b.worth - a.worth || a.passage.document - b.passage.document)
    .slice(0, count)
    .map(({ passage }) => passage);
}

/** The first of each list, then the second of each, and so on. */
function* inTurns<T>(lists: readonly (readonly T[])[]): Generator<T> {
  const longest = Math.max(0, ...lists.map(list => list.length));
  for (let i = 0; i < longest; i++) for (const list of lists) if (i < list.length) yield list[i] as T;
}
