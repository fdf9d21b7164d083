// What a message becomes before the model gets it: the words, what is attached to them, and the rules that apply.

/** A piece of a file, or a change of files, that goes with a question. */
export interface Attachment {
  type: 'attachment';
  kind: 'file' | 'selection' | 'changes';
  /** How user and model call it: `src/order.ts:3-9`. */
  name: string;
  uri: string;
  /** 1-based, inclusive. */
  range?: LineRange;
  languageId?: string;
  text: string;
}
export interface LineRange {
  startLine: number;
  endLine: number;
}
export type ExpandedPart = { type: 'text'; text: string } | Attachment;

/** A file whose rules were given to the model. */
export interface UsedRules {
  path: string;
  uri: string;
  /** True: only its beginning was given, since it is too long. */
  cut: boolean;
}
export interface Expanded {
  /** What the user sees of the message: what was typed. */
  shown: string;
  /** What the model gets. */
  parts: ExpandedPart[];
  /** The rules of the project, for the model to keep to; undefined when there are none. */
  instructions?: string;
  rules: UsedRules[];
  /** What the user should know of it: sentences. */
  notes: string[];
}
