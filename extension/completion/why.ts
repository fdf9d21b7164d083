// The answer to "why no suggestion?" as a list to pick from: one row for each reason, however often it came in a row, and with it
// what helps against it. No vscode.
import { errorCodes, type HearthErrorName } from '../../engine/protocol/errors.ts';
import { formatNumber, say, t } from '../l10n.ts';
import { notificationActions } from '../remedies.ts';
import type { CompletionParams } from '../../engine/protocol/completion.ts';
import { timeOf, type Asked, type TraceEntry } from './trace.ts';

/** What a pick of a row does. */
export interface Cure {
  title: string;
  command: string;
  args?: unknown[];
}
/** As the editor's list shows it. */
export interface WhyRow {
  label: string;
  description: string;
  detail: string;
  cure?: Cure;
  /** What was sent to the engine. */
  sent?: CompletionParams;
}

/** The rows for the last requests, newest first; `languageName` names a language by its id. */
export function whyRows(
  entries: readonly TraceEntry[],
  languageName: (languageId: string) => string,
): WhyRow[] {
  return grouped(entries).map(({ newest, oldest, count }) => {
    const cure = newest.shown ? undefined : cureOf(newest, languageName);
    const reason = upperFirst(say(newest.explanation));
    const label =
      count === 1 ? reason : t('{0} ({1} times since {2})', reason, formatNumber(count), timeOf(oldest));
    const how = newest.explicit ? t('asked by hand') : t('while typing');
    const changes = newest.changes.map(({ explanation }) => t('changed: {0}', say(explanation)));
    const facts = [
      timeOf(newest),
      how,
      t('{0} ms', formatNumber(newest.tookMs)),
      ...(newest.asked ? factsOf(newest.asked) : []),
      ...changes,
    ].join(', ');
    return {
      label: `${newest.shown ? '$(check)' : '$(circle-slash)'} ${label}`,
      description: newest.place,
      detail: cure ? `$(arrow-right) ${cure.title} · ${facts}` : facts,
      cure,
      sent: newest.asked?.params,
    };
  });
}

/** The stages of a request that waited or took time, and its tokens. */
function factsOf({ pauseMs, readyMs, stats }: Asked): string[] {
  const waits = [
    ...(pauseMs >= 1 ? [t('pause {0} ms', formatNumber(pauseMs))] : []),
    ...(readyMs >= 1 ? [t('engine ready after {0} ms', formatNumber(readyMs))] : []),
  ];
  // Of one that ended before it began, nothing was read.
  if (!stats || stats.prefillMs === 0) return waits;
  const { promptTokens, reusedTokens, generatedTokens, prefillMs, decodeMs } = stats;
  return [
    ...waits,
    t('{0} tokens read in {1} ms', formatNumber(promptTokens - reusedTokens), formatNumber(prefillMs)),
    t('{0} reused', formatNumber(reusedTokens)),
    t('{0} written in {1} ms', formatNumber(generatedTokens), formatNumber(decodeMs)),
  ];
}

interface Group {
  newest: TraceEntry;
  oldest: TraceEntry;
  count: number;
}

/** Requests in a row that had the same end, in the same language and in the same way. */
function grouped(entries: readonly TraceEntry[]): Group[] {
  const groups: Group[] = [];
  for (const entry of entries) {
    const last = groups.at(-1);
    if (last && !entry.shown && kindOf(last.newest) === kindOf(entry)) {
      last.oldest = entry;
      last.count += 1;
    } else groups.push({ newest: entry, oldest: entry, count: 1 });
  }
  return groups;
}

function kindOf({ decidedBy, explanation, languageId, explicit, shown }: TraceEntry): string {
  return JSON.stringify([decidedBy, explanation, languageId, explicit, shown]);
}

function cureOf(
  { decidedBy, languageId }: TraceEntry,
  languageName: (languageId: string) => string,
): Cure | undefined {
  switch (decidedBy) {
    case 'not-started':
    case 'resting':
      return { title: t('Start now'), command: 'hearth.startEngine' };
    case 'disabled':
      return { title: t('Turn completions on'), command: 'hearth.toggleCompletions', args: [true] };
    case 'language-disabled':
      return {
        title: t('Turn on for {0}', languageName(languageId)),
        command: 'hearth.toggleCompletionsForLanguage',
        args: [languageId, true],
      };
    case 'mid-line':
    case 'empty-document':
      return { title: t('Ask for one here'), command: 'editor.action.inlineSuggest.trigger' };
    case 'unable-model':
      return { title: t('Choose another model'), command: 'hearth.chooseModel' };
    default:
      return decidedBy in errorCodes ? notificationActions(decidedBy as HearthErrorName)[0] : undefined;
  }
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
