// A cursor in a text, for completion tests.
import type { CursorContext } from '../../engine/shared/completion/cursor_context.ts';

/** The cursor stands at the bar, or at another mark. */
export function at(text: string, mark = '|'): CursorContext {
  const bar = text.indexOf(mark);
  const before = text.slice(0, bar);
  const suffix = text.slice(bar + 1);
  const lineStart = before.lastIndexOf('\n') + 1;
  return {
    linesBefore: before.slice(0, lineStart),
    lineLeft: before.slice(lineStart),
    lineRight: suffix.split('\n')[0] ?? '',
    suffix,
  };
}
