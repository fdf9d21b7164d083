// A name that somebody has written -> where it is defined, which files may hold it, and the name that was most likely meant.
import type { AskedSymbol } from '../../protocol/workspace.ts';
import { editsAllowed, editsBetween } from '../../shared/names/edit_distance.ts';
import { asideShare, definitionWorth, isAsideFile } from './definition_worth.ts';
import type { SymbolName } from './passages.ts';
import type { IndexedPassage, SymbolIndex } from './symbol_index.ts';
import { termsOfWord } from './terms.ts';

/** Where a symbol is defined; the line is 1-based. */
export interface SymbolPlace {
  path: string;
  line: number;
}
/** What the index knows of a name. */
export interface IndexedSymbol {
  /** As it was asked. */
  name: string;
  /** The name itself, without what it is a part of. */
  own: string;
  /** The best first. */
  places: SymbolPlace[];
  /** It is said to be a part of something that is not defined here. */
  isForeign: boolean;
  /** Files that hold it as a word, whatever its case and ending, if it is not defined; undefined: so many that it is no name made up. */
  mentions: string[] | undefined;
  /** The most alike name that is defined, if it is not. */
  near?: string;
}

/** Definitions of one name that are told. */
const placesMax = 20;
/** Files in which a word is looked for. */
const mentionsMax = 100;
/** Passages whose names are compared by their parts. */
const alikeMax = 50;
/** Parts that two names which are spelled differently have in common, at least. */
const sharedPartsMin = 2;

/** Stands for the object that code is a part of. */
const ownObject = /^(?:this|self|super|cls)$/;

interface Defined {
  symbol: SymbolName;
  passage: IndexedPassage;
}

export function lookUpSymbol({ name, near }: AskedSymbol, index: SymbolIndex): IndexedSymbol {
  const isCalled = name.endsWith('()');
  const [own = name, owner, ...outer] = (isCalled ? name.slice(0, -2) : name)
    .split(/\.|::|->|#/)
    .filter(part => part !== '' && !ownObject.test(part))
    .reverse();
  const defined = definitionsOf(own, index).filter(({ symbol }) => symbol.name === own);
  // A word of prose that some class has a member of is not meant.
  const isWord = !isCalled && owner === undefined && /^\p{Ll}+$/u.test(own);
  const meant = defined.filter(one =>
    owner === undefined ? !isWord || isTopmost(one) : isPartOf(one, owner),
  );
  const isForeign = owner !== undefined && definitionsOf(outer.at(-1) ?? owner, index).length === 0;
  const places = placesOf(meant, own);
  if (places.length > 0) return { name, own, places, isForeign: false, mentions: [] };
  const mentions = [...new Set(index.mentioning(own).map(({ passage }) => passage.path))];
  const alike = near && !isForeign && defined.length === 0 ? nearestSymbol(own, owner, index) : undefined;
  return {
    name,
    own,
    places,
    isForeign,
    mentions: mentions.length <= mentionsMax ? mentions : undefined,
    // What it is a part of stays as it was written.
    ...(alike && { near: alike.isPart ? name.slice(0, name.lastIndexOf(own)) + alike.name : alike.name }),
  };
}

/** Definitions of the name, whatever its case. Headings of documents are none. */
function definitionsOf(name: string, index: SymbolIndex): Defined[] {
  const key = name.toLowerCase();
  return index
    .defining(name)
    .flatMap(passage =>
      passage.names.flatMap(symbol =>
        symbol.name.toLowerCase() === key && symbol.kind !== 'section' ? [{ symbol, passage }] : [],
      ),
    );
}

function isTopmost({ symbol, passage }: Defined): boolean {
  return !symbol.isMember && passage.owners.length === 0;
}

/** A member of what is called so, or in a file that is; an object is often called as its class, in another case. */
function isPartOf({ symbol, passage }: Defined, owner: string): boolean {
  const key = owner.toLowerCase();
  const isOwner = (name: string): boolean => name.toLowerCase() === key;
  return (
    passage.owners.some(isOwner) ||
    (symbol.isMember && passage.names.some(one => !one.isMember && isOwner(one.name))) ||
    isOwner(passage.path.slice(passage.path.lastIndexOf('/') + 1).replace(/\..*$/, ''))
  );
}

function placesOf(defined: readonly Defined[], name: string): SymbolPlace[] {
  const worth = ({ symbol, passage }: Defined): number =>
    definitionWorth(symbol, name) * (isAsideFile(passage.path) ? asideShare : 1);
  const places = defined
    .toSorted((one, other) => worth(other) - worth(one))
    .map(({ symbol, passage }) => ({ path: passage.path, line: symbol.line }));
  // Overloads stand one below the other, and a file is one place to go to for each line.
  return places
    .filter(({ path, line }, i) => places.findIndex(one => one.path === path && one.line === line) === i)
    .slice(0, placesMax);
}

interface Alike {
  name: string;
  /** It is a part of the owner that was written. */
  isPart: boolean;
}

/** The name that is spelled most alike, those of the owner first; else one that is made of the same parts, more or fewer. */
function nearestSymbol(own: string, owner: string | undefined, index: SymbolIndex): Alike | undefined {
  const wanted = own.toLowerCase();
  const allowed = editsAllowed(own);
  let best: (Alike & { edits: number }) | undefined;
  for (const key of allowed > 0 ? index.names : []) {
    const edits = editsBetween(wanted, key, allowed);
    if (edits === undefined || (best && edits > best.edits)) continue;
    const defined = definitionsOf(key, index);
    const part = owner === undefined ? undefined : defined.find(one => isPartOf(one, owner));
    const name = (part ?? defined[0])?.symbol.name;
    if (name === undefined) continue;
    if (!best || edits < best.edits || (part && !best.isPart))
      best = { name, isPart: part !== undefined, edits };
  }
  return best ?? alikeByParts(own, index);
}

function alikeByParts(own: string, index: SymbolIndex): Alike | undefined {
  const parts = new Set(termsOfWord(own).slice(1));
  if (parts.size < sharedPartsMin) return undefined;
  const { passages } = index.scores(new Map([...parts].map(part => [part, 1])));
  let best: { name: string; shared: number; apart: number } | undefined;
  for (const [{ names }] of [...passages].sort((one, other) => other[1] - one[1]).slice(0, alikeMax))
    for (const { name, kind } of names) {
      const others = new Set(termsOfWord(name).slice(1));
      const shared = [...parts].filter(part => others.has(part)).length;
      // One is made of the other and more.
      if (kind === 'section' || shared < sharedPartsMin || shared < Math.min(parts.size, others.size))
        continue;
      const apart = parts.size + others.size - 2 * shared;
      if (!best || shared > best.shared || (shared === best.shared && apart < best.apart))
        best = { name, shared, apart };
    }
  return best && { name: best.name, isPart: false };
}
