// What every step of clean-up is given.
import type { CursorContext } from '../cursor_context.ts';
import type { Syntax } from './syntax.ts';

export interface Candidate {
  /** What the model said, as far as the steps before have left it. */
  text: string;
  context: CursorContext;
  /** A block is wanted, not one line. */
  multiline: boolean;
  /** The user asked by hand: what is merely of little use is shown. */
  explicit: boolean;
  syntax: Syntax;
}
