// What the model page needs of the editor and of the engine. Types only.
import type { Log } from '../../log.ts';
import type { AutomaticContexts } from '../fit/automatic_context.ts';
import type { Question } from './page_texts.ts';
import type { DeviceProbe, Library } from '../types.ts';

/** What only the editor can do. A dialog that was closed answers undefined. */
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
export interface ModelsPageDeps {
  library: Library;
  dialogs: PageDialogs;
  token: { get(): Promise<string | undefined>; set(token: string | undefined): Promise<void> };
  /** The settings "hearth.model.path", "hearth.context.maxTokens" and "hearth.models.directory" in force. */
  currentPath(): string;
  contextSetting(): number;
  folder(): string;
  /** How long a context models are loaded with when the setting leaves it open. */
  contexts: Pick<AutomaticContexts, 'of' | 'set'>;
  /** Makes a model the one in use; settles once that is under way. */
  use(path: string): Promise<void>;
  /** Settles when the engine holds no files but those of the model in force. */
  switched(): Promise<void>;
  /** The GPU as it was found last, in this session or another. */
  remembered(): DeviceProbe | undefined;
  /** Looks at the GPU; undefined when the engine cannot. */
  probe(): Promise<DeviceProbe | undefined>;
  /** Whether the user sees the page while it is open. */
  isShown(): boolean;
  /** Tells of a model that has arrived while the page is not to be seen. */
  arrived(name: string, use: () => Promise<void>): void;
  log: Log;
}
