// How much of a workspace's files the model saw, in one wording for the header, the status bar, answers and the list of files. Pure.
import type { WorkspaceStatus } from '../../engine/protocol/workspace.ts';
import { formatNumber, plural, t } from '../l10n.ts';

export interface FilesSeen {
  /** Unknown of answers that an earlier version kept. */
  whole: number | undefined;
  /** Files of which the model saw passages; undefined where no question chose any. */
  excerpts: number | undefined;
  /** All that were not seen whole. */
  leftOut: number;
}

/** A file that was left out, or `files` of them without names. */
export interface LeftOutRow {
  path: string;
  reason: string;
  files?: number;
  excerpt?: boolean;
}

/** Rows that are shown; a command lists them all. */
const rowsMax = 200;

/** What the model saw, such as "10 files: 3 seen whole, 1 in excerpts, 6 not at all". */
export function filesSeenText({ whole, excerpts, leftOut }: FilesSeen): string {
  const rest = formatNumber(leftOut);
  if (whole === undefined)
    return plural(leftOut, t('1 file not seen whole'), t('{0} files not seen whole', rest));
  const all = formatNumber(whole + leftOut);
  const seen = formatNumber(whole);
  if (leftOut === 0) return plural(whole, t('1 file, seen whole'), t('{0} files, all seen whole', all));
  const isOne = whole + leftOut === 1;
  if (excerpts === undefined)
    return isOne
      ? t('1 file, seen in part or not at all')
      : t('{0} files: {1} seen whole, {2} in part or not at all', all, seen, rest);
  const unseen = formatNumber(leftOut - excerpts);
  if (isOne) return excerpts > 0 ? t('1 file, seen in excerpts') : t('1 file, not seen');
  return excerpts > 0
    ? t(
        '{0} files: {1} seen whole, {2} in excerpts, {3} not at all',
        all,
        seen,
        formatNumber(excerpts),
        unseen,
      )
    : t('{0} files: {1} seen whole, {2} not at all', all, seen, unseen);
}

/** What every question has the model see. */
export function seenByAll({ included, leftOut }: WorkspaceStatus): FilesSeen {
  return { whole: included.length, excerpts: undefined, leftOut: leftOutCount(leftOut) };
}

/** How many files the rows stand for. */
export function leftOutCount(rows: readonly { files?: number | undefined }[]): number {
  return rows.reduce((sum, { files = 1 }) => sum + files, 0);
}

/** As many rows as are shown, those that were seen in part first; and for how many files there is no room. */
export function shownRows(rows: readonly LeftOutRow[]): {
  leftOut: { path: string; reason: string }[];
  leftOutMore: number;
} {
  const named = rows.filter(({ files }) => files === undefined);
  const inPart = named.filter(({ excerpt }) => excerpt);
  const shown = [...inPart, ...named.filter(({ excerpt }) => !excerpt)].slice(0, rowsMax);
  return {
    leftOut: shown.map(({ path, reason, excerpt }) => ({
      path,
      reason: excerpt ? t('seen in excerpts: {0}', reason) : reason,
    })),
    leftOutMore: leftOutCount(rows) - shown.length,
  };
}
