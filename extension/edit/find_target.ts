// Which file a piece of suggested code is for: the one the answer names, be it moved meanwhile; else the open one it is most like; else
// the one that defines what it defines. Pure, but for what it asks of `Files`.
import { hasWords } from './align.ts';
import { isOfLanguage } from './languages.ts';
import { linesOf } from './lines.ts';
import { outermost, outlineOf } from '../../engine/shared/outline/outline.ts';
import { pathOfPatch } from './patch_text.ts';
import { namedPaths, type Suggestion } from './suggestion.ts';

export interface KnownFile {
  uri: string;
  /** As the model sees it: relative to its folder, with '/'. */
  path: string;
  /** The editor's id; empty when the file is not open. */
  language: string;
}

/** What is known of files. */
export interface Files {
  /** Files in editors, the active one first. */
  open: readonly KnownFile[];
  /** Whether the first of them is in the active editor. */
  hasActive: boolean;
  /** All files of the workspace with this name, in whatever folder. */
  withName(name: string): Promise<readonly KnownFile[]>;
  /** Files of the workspace that define something of this name. */
  defining(symbol: string): Promise<readonly KnownFile[]>;
  /** Undefined when the file cannot be read as text. */
  lines(file: KnownFile): Promise<readonly string[] | undefined>;
}

export type Target =
  | { kind: 'file'; file: KnownFile }
  /** Several fit as well. */
  | { kind: 'choose'; files: readonly KnownFile[] }
  /** The answer names a file that does not exist. */
  | { kind: 'new'; path: string }
  | { kind: 'unknown' };

/** A file that has this share of the lines of the code, or defines what it defines, is a candidate. */
const fitMin = 0.25;
/** The active file is meant, if it fits nearly as well as the best. */
const activeShare = 0.8;
/** A file that is not the active one must fit this much better than the next. */
const clearlyBetter = 1.25;

/** Finds the file. */
export async function findTarget(suggestion: Suggestion, files: Files): Promise<Target> {
  const inPatch = pathOfPatch(linesOf(suggestion.code));
  const named = [...(inPatch === undefined ? [] : [inPatch]), ...namedPaths(suggestion)];
  for (const path of named) {
    const found = await filesNamed(path, suggestion, files);
    const [only, ...others] = found;
    if (only) return others.length > 0 ? { kind: 'choose', files: found } : { kind: 'file', file: only };
  }
  const [first] = named;
  if (first !== undefined) return { kind: 'new', path: first };
  return (await mostAlike(suggestion, files)) ?? (await definedIn(suggestion, files)) ?? { kind: 'unknown' };
}

/** The files that a path of an answer may mean. One with the name alone in common is only meant if it has such code. */
async function filesNamed(path: string, suggestion: Suggestion, files: Files): Promise<readonly KnownFile[]> {
  const name = path.split('/').at(-1) ?? path;
  const known = [
    ...files.open.filter(file => endsWithPath(file.path, name)),
    ...(await files.withName(name)),
  ];
  const all = known.filter((file, index) => known.findIndex(({ uri }) => uri === file.uri) === index);
  const exact = all.filter(file => file.path === path);
  if (exact.length > 0) return exact;
  const whole = all.filter(file => endsWithPath(file.path, path) || endsWithPath(path, file.path));
  if (whole.length > 0) return whole;
  const moved: KnownFile[] = [];
  for (const file of all) if ((await fitOf(suggestion, file, files)) >= fitMin) moved.push(file);
  return moved;
}

function endsWithPath(path: string, end: string): boolean {
  return path === end || path.endsWith(`/${end}`);
}

/** The open file that has most of the code already. */
async function mostAlike(suggestion: Suggestion, files: Files): Promise<Target | undefined> {
  const fits: { file: KnownFile; fit: number; isActive: boolean }[] = [];
  for (const [index, file] of files.open.entries())
    if (isOfLanguage(suggestion.language, file))
      fits.push({
        file,
        fit: await fitOf(suggestion, file, files),
        isActive: files.hasActive && index === 0,
      });
  const ranked = fits.filter(({ fit }) => fit >= fitMin).sort((a, b) => b.fit - a.fit);
  const [best, second] = ranked;
  if (!best) return undefined;
  const active = ranked.find(({ isActive }) => isActive);
  if (active && active.fit >= best.fit * activeShare) return { kind: 'file', file: active.file };
  if (!second || best.fit >= second.fit * clearlyBetter) return { kind: 'file', file: best.file };
  return { kind: 'choose', files: ranked.map(({ file }) => file) };
}

/** The files that define what the code defines. */
async function definedIn(suggestion: Suggestion, files: Files): Promise<Target | undefined> {
  for (const { name } of outermost(outlineOf(linesOf(suggestion.code)))) {
    const found = (await files.defining(name)).filter(file => isOfLanguage(suggestion.language, file));
    const [only, ...others] = found;
    if (only) return others.length > 0 ? { kind: 'choose', files: found } : { kind: 'file', file: only };
  }
  return undefined;
}

/** The share of the lines of the code that the file has, and 1 more when it defines something that the code defines. */
async function fitOf(suggestion: Suggestion, file: KnownFile, files: Files): Promise<number> {
  const lines = await files.lines(file);
  if (!lines) return 0;
  const code = linesOf(suggestion.code);
  const telling = code.map(line => line.trim()).filter(line => hasWords(line) && line.length > 3);
  const there = new Set(lines.map(line => line.trim()));
  const share = telling.filter(line => there.has(line)).length / Math.max(1, telling.length);
  const defined = new Set(outlineOf(lines).map(({ name }) => name));
  return share + (outermost(outlineOf(code)).some(({ name }) => defined.has(name)) ? 1 : 0);
}
