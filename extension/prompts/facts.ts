// What the editor shows at the moment of a question, as plain values.

/** A problem that the editor reports; lines are 1-based. */
export interface Problem {
  severity: 'error' | 'warning' | 'information' | 'hint';
  message: string;
  /** Who reports it and under which code, such as `ts` and `2304`. */
  source?: string;
  code?: string;
  startLine: number;
  endLine: number;
}
/** A file in an editor, with what the user has selected in it. */
export interface EditorFile {
  uri: string;
  /** As the model knows it, with forward slashes; for a file outside the open folders its whole path. */
  path: string;
  /** As the user's disk has it. */
  fsPath: string;
  languageId: string;
  text: string;
  /** 1-based. */
  cursorLine: number;
  selection?: { text: string; startLine: number; endLine: number };
  problems: Problem[];
}
/** Changes of a repository that are not committed yet. */
export interface Changes {
  uri: string;
  /** True: those that are staged; false: nothing is staged, and these are all others. */
  staged: boolean;
  text: string;
  /** What the user should know: what was cut or left out. */
  notes: string[];
}
