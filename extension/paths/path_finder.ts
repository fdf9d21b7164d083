// Whether the paths that answers name exist in the open folders, and what else they may mean. What is looked up is bounded in number and
// in time; the page only asks. Pure, but for what it asks of `PathPlaces`.
import type { PathQuestion, PathView } from '../../webview/protocol.ts';
import { nearestPath } from './nearest.ts';
import { isElsewhere, placesOf, type InnerPath, type OpenFolder } from './written_path.ts';

/** What is at a place. 'outside': it is a link that leads out of its folder. */
export type PlaceKind = 'file' | 'folder' | 'outside';

/** The open folders, and what is in them. */
export interface PathPlaces {
  folders(): readonly OpenFolder[];
  /** Undefined: nothing is there. */
  kindOf(place: InnerPath): Promise<PlaceKind | undefined>;
  /** The files, each with the prefix of its folder; `whole` says that there are no others. */
  files(): Promise<{ paths: readonly string[]; whole: boolean }>;
}
/** What a path means. */
export type FoundPath =
  | { kind: 'file' | 'folder'; place: InnerPath }
  /** Files that end with it. */
  | { kind: 'several'; places: InnerPath[] }
  | { kind: 'missing' | 'unknown' };

/** Questions of one message that get a nearest name if there is no such file: each looks through all files. */
const nearestMax = 16;
/** Files that a path may mean; those beyond are not offered. */
const severalMax = 50;
/** What a message may take; what is not known by then is left as it is. */
const lookUpMsMax = 3_000;
/** Messages that wait; those beyond are answered at once, with nothing known. */
const waitingMax = 64;

export class PathFinder {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(
    private readonly places: PathPlaces,
    private readonly timeMs = lookUpMsMax,
  ) {}

  /** What is known of each path. Never fails: what cannot be looked up is not known. */
  async lookUp(questions: readonly PathQuestion[]): Promise<PathView[]> {
    const found: PathView[] = questions.map(({ path }) => ({ path, kind: 'unknown' }));
    if (this.#waiting >= waitingMax) return found;
    this.#waiting++;
    const before = this.#last;
    const run = before.then(() => this.#within(signal => this.#fill(found, questions, signal)));
    this.#last = run;
    await run;
    this.#waiting--;
    return [...found];
  }

  /** What a path means. */
  async find(written: string): Promise<FoundPath> {
    const folders = this.places.folders();
    let outside = false;
    for (const place of placesOf(written, folders)) {
      const kind = await this.places.kindOf(place);
      if (kind === 'file' || kind === 'folder') return { kind, place };
      outside ||= kind === 'outside';
    }
    if (outside || isElsewhere(written, folders)) return { kind: 'unknown' };
    const { paths, whole } = await this.places.files();
    const end = `/${this.#plain(written)}`;
    const ending = paths
      .filter(path => path.endsWith(end))
      .slice(0, severalMax)
      .flatMap(path => placesOf(path, folders).slice(0, 1));
    // The list goes through links, some of which may lead out of the folder.
    const kinds = await Promise.all(ending.map(place => this.places.kindOf(place)));
    const places = ending.filter((_, index) => kinds[index] === 'file');
    const [only, ...others] = places;
    if (!only && ending.length > 0) return { kind: 'unknown' };
    if (!only) return { kind: whole ? 'missing' : 'unknown' };
    return others.length > 0 ? { kind: 'several', places } : { kind: 'file', place: only };
  }

  /** The path with the prefix of its folder. */
  nameOf({ folder, inner }: InnerPath): string {
    return `${this.places.folders()[folder]?.prefix ?? ''}${inner}`;
  }

  async #fill(found: PathView[], questions: readonly PathQuestion[], signal: AbortSignal): Promise<void> {
    let searches = 0;
    for (const [index, { path, near }] of questions.entries()) {
      if (signal.aborted) return;
      const view = await this.#view(path, near && searches < nearestMax);
      if (signal.aborted) return;
      if (view.kind === 'missing' && near) searches++;
      found[index] = view;
    }
  }

  async #view(path: string, near: boolean): Promise<PathView> {
    const found = await this.find(path);
    if (found.kind === 'several') return { path, kind: 'file', count: found.places.length };
    if (found.kind === 'file' || found.kind === 'folder')
      return { path, kind: found.kind, name: this.nameOf(found.place) };
    if (found.kind === 'unknown' || !near) return { path, kind: found.kind };
    const { paths } = await this.places.files();
    return { path, kind: 'missing', near: nearestPath(this.#plain(path), paths) };
  }

  #plain(written: string): string {
    return placesOf(written, this.places.folders()).at(-1)?.inner ?? written;
  }

  async #within(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const stop = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>(resolve => {
      timer = setTimeout(resolve, this.timeMs);
    });
    // A folder that cannot be read leaves its paths as they are.
    await Promise.race([work(stop.signal).catch(() => undefined), late]);
    stop.abort();
    clearTimeout(timer);
  }
}
