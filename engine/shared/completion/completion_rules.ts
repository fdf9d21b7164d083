// Whether to ask for a completion at all, and whether for one line or a block. Every "no" has a name. Pure.
import { phrase, type Phrase } from '../../protocol/phrase.ts';
import { columnsOf, indentOf, isBlank } from '../outline/indent.ts';
import { nextLine, textAround, writtenLineAbove, type CursorContext } from './cursor_context.ts';

export interface Situation {
  /** The user asked by hand. */
  explicit: boolean;
  enabled: boolean;
  languageEnabled: boolean;
  secretFile: boolean;
  cursorCount: number;
  context: CursorContext;
}
export interface Rule {
  name: string;
  /** For the user, after "no suggestion: ". */
  explanation: Phrase;
  forbids(situation: Situation): boolean;
}

/** The first rule that forbids decides. */
export const rules: readonly Rule[] = [
  {
    name: 'secret-file',
    explanation: phrase`the file may hold secrets`,
    forbids: ({ secretFile }) => secretFile,
  },
  {
    name: 'disabled',
    explanation: phrase`completions are turned off`,
    forbids: ({ enabled, explicit }) => !enabled && !explicit,
  },
  {
    name: 'language-disabled',
    explanation: phrase`completions are turned off for this language`,
    forbids: ({ languageEnabled, explicit }) => !languageEnabled && !explicit,
  },
  {
    name: 'several-cursors',
    explanation: phrase`there are several cursors`,
    forbids: ({ explicit, cursorCount }) => !explicit && cursorCount > 1,
  },
  {
    name: 'mid-line',
    explanation: phrase`there is code right of the cursor`,
    forbids: ({ explicit, context }) => !explicit && !isOnlyClosing(context.lineRight),
  },
  {
    name: 'empty-document',
    explanation: phrase`the document is empty`,
    forbids: ({ explicit, context }) => !explicit && isBlank(textAround(context)),
  },
];

/** The rule that forbids asking, if any. */
export function forbiddingRule(situation: Situation): Rule | undefined {
  return rules.find(rule => rule.forbids(situation));
}

/** True when only closers, closing tags, quotes or punctuation follow on the line: text put before them makes sense. */
export function isOnlyClosing(lineRight: string): boolean {
  return /^(?:[\s)\]}>'"`;,:{]|\/>|<\/[A-Za-z][\w.:-]*>)*$/.test(lineRight);
}

/** Whether more than one line is wanted. */
export function wantsBlock(
  mode: 'auto' | 'always' | 'never',
  { context, explicit, afterAccept }: { context: CursorContext; explicit: boolean; afterAccept: boolean },
): boolean {
  if (mode !== 'auto') return mode === 'always';
  if (!isBlank(context.lineRight)) return false;
  return explicit || afterAccept || isEmptyBlockStart(context);
}

/** True on a blank line that opens a block without a body: the line above opens, the next one is not deeper than it. */
export function isEmptyBlockStart(context: CursorContext): boolean {
  const opener = writtenLineAbove(context);
  if (!isBlank(context.lineLeft) || !opensBlock(opener)) return false;
  return indentation(nextLine(context)) <= indentation(opener);
}

/** True for a line after which a deeper one is expected. */
export function opensBlock(line: string): boolean {
  return /([{([:]|=>|\b(do|then|else|begin))\s*$/.test(line);
}

/** Width of the white space a line begins with; a tab goes to the next multiple of four. */
export function indentation(line: string): number {
  return columnsOf(indentOf(line), 4);
}
