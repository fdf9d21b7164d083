// The names of files, folders and symbols that the page offers while the user writes one of them. Knows the editor by what it is given.
import { posix } from 'node:path';
import fuzzysort from 'fuzzysort';
import type { PlaceKind, PlaceView } from '../../webview/protocol.ts';
import { t } from '../l10n.ts';

export interface ListedPath {
  path: string;
  uri: string;
  kind: 'file' | 'directory';
}
export interface PlacesDeps {
  /** All names that are not ignored. */
  listPaths(): AsyncIterable<ListedPath>;
  /** Files in open editors, the one that was used last first. */
  openFiles(): { path: string; uri: string }[];
  /** Symbols of the workspace for a query; without one, those of the file in the editor. */
  symbols(query: string): Promise<PlaceView[]>;
  /** A file or folder that the user has named whole, ignored or not; undefined when there is none in the workspace. */
  exact(path: string): Promise<ListedPath | undefined>;
}

const placesMax = 50;
/** An older list is made anew; until that is done it is good enough. */
const freshMs = 10_000;

export class Places {
  #list: Promise<ListedPath[]> | undefined;
  #listedAt = 0;

  constructor(private readonly deps: PlacesDeps) {}

  /** The best matches, best first; without a query files that are open come first. */
  async find(kind: PlaceKind, query: string): Promise<PlaceView[]> {
    const wanted = query.trim();
    if (kind === 'symbol') return (await this.deps.symbols(wanted)).slice(0, placesMax);
    const wantedKind = kind === 'folder' ? 'directory' : 'file';
    const all = (await this.#listed()).filter(place => place.kind === wantedKind);
    if (wanted === '') return this.#withoutQuery(kind, all);
    const found = fuzzysort.go(wanted, all, { key: 'path', limit: placesMax, threshold: 0.2 });
    const places = found.map(({ obj }) => placeView(obj));
    const ignored = await this.#ignored(wanted, all);
    return ignored?.kind === wantedKind ? [{ ...placeView(ignored), hint: t('ignored') }, ...places] : places;
  }

  #withoutQuery(kind: PlaceKind, all: readonly ListedPath[]): PlaceView[] {
    const open = kind === 'file' ? this.deps.openFiles() : [];
    const others = all.filter(({ uri }) => !open.some(file => file.uri === uri));
    const views = open.map(({ path, uri }) => ({ uri, label: path, hint: t('open') }));
    return [...views, ...others.map(placeView)].slice(0, placesMax);
  }

  /** What is named whole and not in the list. */
  async #ignored(wanted: string, all: readonly ListedPath[]): Promise<ListedPath | undefined> {
    const path = posix.normalize(wanted).replace(/\/$/, '');
    if (path.startsWith('/') || path === '.' || path.startsWith('..')) return undefined;
    return all.some(place => place.path === path) ? undefined : this.deps.exact(path);
  }

  #listed(): Promise<ListedPath[]> {
    const before = this.#list;
    if (before && Date.now() - this.#listedAt < freshMs) return before;
    this.#listedAt = Date.now();
    const list = collect(this.deps.listPaths());
    if (!before) return (this.#list = list);
    list.then(
      () => (this.#list = list),
      // The list of before stays; the next look-up tries again.
      () => (this.#listedAt = 0),
    );
    return before;
  }
}

async function collect(paths: AsyncIterable<ListedPath>): Promise<ListedPath[]> {
  const all: ListedPath[] = [];
  for await (const path of paths) all.push(path);
  return all;
}

function placeView({ path, uri }: ListedPath): PlaceView {
  return { uri, label: path };
}
