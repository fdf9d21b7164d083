// What the reading of attachments needs of the editor.
import type { Attach } from '../../webview/protocol.ts';
import type { Changes, EditorFile, Problem } from '../prompts/facts.ts';

/** A file as text, however the editor has it: unsaved changes are in it. */
export interface TextFile {
  uri: string;
  /** As the model knows it. */
  path: string;
  languageId?: string;
  text: string;
}
export interface Folder {
  uri: string;
  path: string;
  files: { path: string; text: string }[];
  /** What is in it and is not given: names. */
  leftOut: string[];
}
export interface ContextSources {
  /** Where something on the disk is, for a name that was dropped or typed: a folder, a picture, or a file that may be text. */
  placeKind(uri: string): Promise<'file' | 'folder' | 'picture'>;
  file(uri: string): Promise<TextFile>;
  folder(uri: string): Promise<Folder>;
  /** The file in the editor that was used last. */
  activeFile(): EditorFile | undefined;
  /** All problems that the editor reports, by file. */
  problems(): { path: string; uri: string; problems: Problem[] }[];
  changes(): Promise<Changes>;
  /** What the last command of the terminal in front said. */
  terminal(): TerminalOutput;
}
export interface TerminalOutput {
  /** Of the terminal. */
  name: string;
  command: string;
  output: string;
  /** Its beginning is missing. */
  cut: boolean;
  exitCode: number | undefined;
}

/** A part of a file that somebody has named. */
export type NamedSymbol = Extract<Attach, { kind: 'symbol' }>;
