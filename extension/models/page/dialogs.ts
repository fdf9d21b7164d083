// The dialogs of the model page, which only the editor can show. Types only.

/** A question with one way to agree. */
export interface Question {
  message: string;
  detail: string;
  agree: string;
}

/** A dialog that the user closes answers undefined. */
export interface PageDialogs {
  pickFile(): Promise<string | undefined>;
  pickFolder(purpose: 'use' | 'import'): Promise<string | undefined>;
  /** True when the user agreed. */
  confirm(question: Question): Promise<boolean>;
  /** The token; empty to forget it. */
  askToken(hasToken: boolean): Promise<string | undefined>;
  reveal(path: string): Promise<void>;
  openFolderSetting(): Promise<void>;
}
