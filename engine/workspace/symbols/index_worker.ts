// The symbol index's own thread: takes files, reads them one after another, and answers questions between two of them.
import { setImmediate } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { Definition } from './definition.ts';
import { exportedSymbols, withinChars } from './exported_symbols.ts';
import { findPlaces } from './find_places.ts';
import type { FileToIndex, FromIndex, ToIndex } from './index_messages.ts';
import { lineOutline } from './line_outline.ts';
import { outlineKey, OutlineStore } from './outline_store.ts';
import { SymbolIndex } from './symbol_index.ts';
import { SyntaxOutlines } from './syntax_outline.ts';

export interface IndexWorkerData {
  /** Where outlines are kept; undefined: nowhere. */
  directory: string | undefined;
  workspace: string;
}

/** Outlines are written when nothing was indexed for so long. */
const writeAfterMs = 3_000;

// Stdout belongs to the engine's results; libraries that print would break them.
for (const method of ['log', 'info', 'debug', 'warn'] as const) console[method] = console.error;

const port = parentPort as NonNullable<typeof parentPort>;
const { directory, workspace } = workerData as IndexWorkerData;
const store = directory === undefined ? undefined : new OutlineStore(directory, workspace);
const syntax = new SyntaxOutlines();
const index = new SymbolIndex();
/** Texts that came and are not indexed yet, in their order. */
const unread = new Map<string, FileToIndex>();
/** Of the texts in the index, by path. */
const revisions = new Map<string, number>();
const keys = new Map<string, string>();
/** By their keys: those of the files in the index, and those that were on disk. */
let outlines: Map<string, readonly Definition[]> | undefined;
/** Questions that wait for what is unread. */
const waiting = new Set<() => void>();
/** What went wrong with grammars. */
const told = new Set<string>();
let isReading = false;
let writing: NodeJS.Timeout | undefined;

const say = (message: FromIndex) => port.postMessage(message);

port.on('message', (message: ToIndex) => {
  if (message.kind === 'find') return void find(message);
  if (message.kind === 'list') return void list(message);
  const gone = message.kind === 'put' ? message.files.map(({ path }) => path) : message.paths;
  for (const path of gone) {
    unread.delete(path);
    if (!revisions.delete(path)) continue;
    index.remove(path);
    keys.delete(path);
  }
  if (message.kind === 'put') for (const file of message.files) unread.set(file.path, file);
  void readAll();
});

async function readAll(): Promise<void> {
  if (isReading) return;
  isReading = true;
  outlines ??= (await store?.read()) ?? new Map();
  let parsed = 0;
  for (;;) {
    const [file] = unread.values();
    if (!file) break;
    const { path, text, revision } = file;
    say({ kind: 'reading', path });
    const key = outlineKey(path, text);
    let outline = outlines.get(key);
    if (!outline) {
      parsed++;
      outline = await outlineOf(file);
    }
    // A newer text may have come meanwhile, or the file may have gone.
    if (unread.get(path) === file) {
      unread.delete(path);
      index.put(path, text, outline);
      revisions.set(path, revision);
      keys.set(path, key);
      if (!file.isHostile) outlines.set(key, outline);
    }
    // Messages that came have their turn.
    await setImmediate();
  }
  isReading = false;
  say({ kind: 'idle', parsed });
  for (const answer of waiting) answer();
  waiting.clear();
  if (parsed > 0 && store) {
    clearTimeout(writing);
    writing = setTimeout(() => void write(store), writeAfterMs);
  }
}

async function outlineOf({ path, text, isHostile }: FileToIndex): Promise<readonly Definition[]> {
  if (isHostile) return [];
  try {
    return (await syntax.of(path, text)) ?? lineOutline(path, text);
  } catch (error) {
    const why = String(error);
    // A grammar that cannot be loaded is missed by all files of its language.
    if (!told.has(why)) say({ kind: 'note', text: `${path} is indexed without its grammar: ${why}` });
    told.add(why);
    return lineOutline(path, text);
  }
}

async function find({ id, question, count, waitMs }: ToIndex & { kind: 'find' }): Promise<void> {
  await allRead(waitMs);
  const places = findPlaces(question, index, count).map(place => ({
    ...place,
    revision: revisions.get(place.path) as number,
  }));
  say({ kind: 'found', id, places, unread: unread.size });
}

async function list({ id, paths, charsMax, waitMs }: ToIndex & { kind: 'list' }): Promise<void> {
  await allRead(waitMs);
  const known = paths.flatMap(path => {
    const outline = outlines?.get(keys.get(path) ?? '');
    return outline
      ? [{ path, revision: revisions.get(path) as number, symbols: exportedSymbols(outline) }]
      : [];
  });
  say({ kind: 'listed', id, files: withinChars(known, charsMax) });
}

/** Waits until nothing is left to be indexed, or for so long. */
async function allRead(waitMs: number): Promise<void> {
  if (unread.size === 0 || waitMs <= 0) return;
  await new Promise<void>(resolve => {
    waiting.add(resolve);
    setTimeout(resolve, waitMs);
  });
}

/** Keeps the outlines of the files there are now. */
async function write(to: OutlineStore): Promise<void> {
  const kept = new Map<string, readonly Definition[]>();
  for (const key of keys.values()) {
    const outline = outlines?.get(key);
    if (outline) kept.set(key, outline);
  }
  outlines = new Map(kept);
  try {
    await to.write(kept);
  } catch (error) {
    say({ kind: 'note', text: `the outlines cannot be kept on disk: ${String(error)}` });
  }
}
