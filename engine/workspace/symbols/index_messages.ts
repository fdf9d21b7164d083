// What the index's worker is told and what it says. Both ends are built together, so nothing is checked here.
import type { ExportedSymbol } from './exported_symbols.ts';
import type { FoundPlace } from './find_places.ts';

export interface FileToIndex {
  path: string;
  text: string;
  /** Of this text; a place that is found in it says so. */
  revision: number;
  /** Its grammar must not be asked: it hung or broke the worker before. */
  isHostile: boolean;
}

export type ToIndex =
  | { kind: 'put'; files: FileToIndex[] }
  | { kind: 'remove'; paths: string[] }
  /** Answered when everything is indexed, or after `waitMs` with what is. */
  | { kind: 'find'; id: number; question: string; count: number; waitMs: number }
  /** What files export; answered as `find` is. `charsMax`: of all signatures, and of all names. */
  | { kind: 'list'; id: number; paths: readonly string[]; charsMax: number; waitMs: number };

export type FromIndex =
  /** The worker reads this file now; it says nothing more until it is done with it. */
  | { kind: 'reading'; path: string }
  /** Nothing is left to be indexed. `parsed`: files read by their grammars or lines since it was idle before, not from disk. */
  | { kind: 'idle'; parsed: number }
  | { kind: 'found'; id: number; places: RevisedPlace[]; unread: number }
  | { kind: 'listed'; id: number; files: RevisedExports[] }
  /** What was worth a line in the log. */
  | { kind: 'note'; text: string };

/** What one revision of a file exports. */
export interface RevisedExports {
  path: string;
  revision: number;
  symbols: readonly ExportedSymbol[];
}

/** A place in one revision of a file's text. */
export interface RevisedPlace extends FoundPlace {
  revision: number;
}
