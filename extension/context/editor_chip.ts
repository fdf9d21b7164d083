// The file in the editor as something that comes with a question by itself. The user can drop it; it then stays away until another
// editor is used. A setting keeps it away for good. Nothing of a folder that is not trusted comes by itself, and no file that may hold
// secrets.
import { Emitter, type Event } from 'vscode-jsonrpc/node';
import { holdsSecret, isSecretPath } from '../../engine/shared/files/secret_files.ts';
import type { AttachmentView } from '../../webview/protocol.ts';
import type { EditorFile } from '../prompts/facts.ts';
import type { ReadAttachment } from './attachment.ts';
import { attachmentView } from './attachment_view.ts';
import { readAround } from './read.ts';
import type { TokenCounts } from './token_counts.ts';

/** Nobody has asked for it, so it must not crowd out what was asked for. */
const charsMax = 12_000;
/** Of the context, at most this part. */
const contextPart = 1 / 8;
const charsPerToken = 3;
const unknownContextTokens = 16_384;

export interface EditorChipDeps {
  activeFile(): EditorFile | undefined;
  isTrusted(): boolean;
  /** False: the user wants nothing to come by itself. */
  isWanted(): boolean;
  /** Tokens of the model's context; 0 while that is not known. */
  contextTokens(): number;
}

export class EditorChip {
  /** Under which the page names it. */
  readonly id = 'editor';
  readonly #changed = new Emitter<void>();
  #dropped: string | undefined;

  constructor(private readonly deps: EditorChipDeps) {}

  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  /** The file or the selection in it has changed, another editor is used, or whether it is wanted has changed. */
  refresh(): void {
    const uri = this.deps.activeFile()?.uri;
    if (uri !== undefined && uri !== this.#dropped) this.#dropped = undefined;
    this.#changed.fire();
  }

  drop(): void {
    this.#dropped = this.deps.activeFile()?.uri;
    this.#changed.fire();
  }

  /** What of it comes along now; undefined when nothing does. */
  read(): ReadAttachment | undefined {
    const { activeFile, isTrusted, isWanted, contextTokens } = this.deps;
    if (!isWanted() || !isTrusted()) return undefined;
    const file = activeFile();
    if (!file || file.uri === this.#dropped || file.text.trim() === '') return undefined;
    if (isSecretPath(file.path) || holdsSecret(file.text)) return undefined;
    const tokens = (contextTokens() || unknownContextTokens) * contextPart;
    return readAround(file, Math.min(charsMax, Math.floor(tokens * charsPerToken)));
  }

  view(counts: TokenCounts): AttachmentView | undefined {
    const read = this.read();
    return read && attachmentView(this.id, read, counts);
  }
}
