// What the model sees of each file of the workspace, in groups, as the view of the context lists it. Pure.
import type { LeftOutFile } from '../../../engine/protocol/chat.ts';
import type { WorkspaceStatus } from '../../../engine/protocol/workspace.ts';
import { formatNumber, say, t } from '../../l10n.ts';
import { formatBytes } from '../../models/format_bytes.ts';
import type { Choice } from '../file_choices.ts';

export type FileState =
  'whole' | 'appended' | 'excerpt' | 'mapped' | 'out' | 'secrets' | 'leftOut' | 'ignored';

export interface MapRow {
  /** Ends with a slash for a folder, which stands for all that is in it. */
  path: string;
  state: FileState;
  /** Tokens that it takes, or why the model does not see it. */
  detail: string;
  choice: Choice | undefined;
}

export interface MapGroup {
  state: FileState;
  label: string;
  rows: readonly MapRow[];
  /** What all of them take together, where they do. */
  detail: string;
  /** Files that are not listed. */
  more: number;
}

export interface MapFacts {
  status: WorkspaceStatus;
  ignored: Iterable<string>;
  choiceOf(path: string): Choice | undefined;
  /** Files of which the last answer saw passages. */
  excerpts: ReadonlySet<string>;
}

/** Groups that have files, what the model sees first. Those that take most tokens come first, others by path. */
export function contextMap({ status, ignored, choiceOf, excerpts }: MapFacts): MapGroup[] {
  const rows: MapRow[] = [];
  for (const { path, tokens, appended } of status.included.toSorted((a, b) => b.tokens - a.tokens))
    rows.push({
      path,
      state: appended ? 'appended' : 'whole',
      detail: t('{0} tokens', formatNumber(tokens)),
      choice: choiceOf(path),
    });
  let more = 0;
  for (const file of status.leftOut) {
    const { path, reason, files } = file;
    if (files === undefined)
      rows.push({ path, state: stateOf(file, excerpts), detail: say(reason), choice: choiceOf(path) });
    else more += files;
  }
  for (const path of ignored) rows.push({ path, state: 'ignored', detail: '', choice: undefined });
  return [...labels()].flatMap(([state, label]) => {
    const found = rows.filter(row => row.state === state);
    const unlisted = state === 'out' ? more : 0;
    const { mapTokens } = status;
    const detail =
      state === 'mapped' && mapTokens !== undefined ? t('{0} tokens', formatNumber(mapTokens)) : '';
    return found.length + unlisted === 0 ? [] : [{ state, label, rows: found, detail, more: unlisted }];
  });
}

/** How much of the room for files is taken, how much of the last prompt had been read before, and how much is kept on the disk. */
export function totalsText(
  { blockTokens, budgetTokens }: WorkspaceStatus,
  lastAnswer: { promptTokens: number; reusedTokens: number } | undefined,
  diskBytes: number,
): string {
  const parts = [t('{0} of {1} tokens', formatNumber(blockTokens), formatNumber(budgetTokens))];
  if (lastAnswer && lastAnswer.promptTokens > 0) {
    const share = Math.floor((100 * lastAnswer.reusedTokens) / lastAnswer.promptTokens);
    parts.push(t('{0} % of the last prompt had been read before', formatNumber(share)));
  }
  if (diskBytes > 0) parts.push(t('{0} on the disk', formatBytes(diskBytes)));
  return parts.join('; ');
}

function stateOf({ path, by, inMap }: LeftOutFile, excerpts: ReadonlySet<string>): FileState {
  if (by === 'user') return 'leftOut';
  if (by === 'secrets') return 'secrets';
  if (excerpts.has(path)) return 'excerpt';
  return inMap ? 'mapped' : 'out';
}

/** In the order in which they are shown. */
function labels(): Map<FileState, string> {
  return new Map<FileState, string>([
    ['whole', t('Seen whole')],
    ['appended', t('Changed since, and seen whole')],
    ['excerpt', t('Seen in excerpts by the last answer')],
    ['mapped', t('Named in the map')],
    ['out', t('Not seen')],
    ['secrets', t('Not seen: may hold secrets')],
    ['leftOut', t('Left out by you')],
    ['ignored', t('Ignored')],
  ]);
}
