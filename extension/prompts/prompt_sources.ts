// What the expansion of a message asks of the editor. The editor's own side is editor_sources.ts; tests bring theirs.
import { type Phrase } from '../../engine/protocol/phrase.ts';
import type { Changes, EditorFile } from './facts.ts';
import type { PromptFile } from './prompt_file.ts';
import type { InputField } from './prompt_variables.ts';
import type { RuleFile } from './rules.ts';

/** A prompt file with the place it was found at. */
export interface FoundPrompt extends PromptFile {
  /** As the user knows it: a path of the workspace, or a name. */
  path: string;
  uri: string;
}
export interface OpenFolder {
  name: string;
  fsPath: string;
}
/** A file that a prompt file links to. */
export type LinkedFile =
  | { name: string; uri: string; text: string }
  /** `why` is the end of a sentence. */
  | { missing: string; why: Phrase };

export interface PromptSources {
  /** The file in the editor that was used last. */
  activeFile(): EditorFile | undefined;
  /** The folder of that file, or the first of the open ones. */
  folder(): OpenFolder | undefined;
  changes(): Promise<Changes>;
  prompts(): Promise<readonly FoundPrompt[]>;
  /** The files of rules; none when the user does not want them. `paths` are the files that the question is about. */
  rules(paths: readonly string[]): Promise<readonly RuleFile[]>;
  linked(prompt: FoundPrompt, link: string): Promise<LinkedFile>;
  /** Asks the user for a value; undefined when the user does not go on. */
  askInput(field: InputField, command: string): Promise<string | undefined>;
}
