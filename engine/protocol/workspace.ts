// workspace/ingest, workspace/status, workspace/forget, workspace/symbols: the files that questions are answered from.
// The engine knows text, paths and uris; it never reads the disk for them.
import { NotificationType, RequestType } from 'vscode-jsonrpc';
import type { LeftOutFile } from './chat.ts';
import type { WireErrorData } from './errors.ts';

export interface IngestFile {
  /** Workspace-relative, forward slashes; "folder/path" when there are several roots. */
  path: string;
  uri: string;
  text: string;
  /** When it was changed last, in milliseconds since 1970; unset where nobody knows. */
  changedAt?: number;
}
export interface IngestParams {
  /** Its uri: two workspaces may have one name. */
  workspace: string;
  /** What the model is told that it is called. */
  name: string;
  /** First batch of a full read: forget what is there before. */
  reset: boolean;
  /** Last batch: order the files and build the block. */
  final: boolean;
  files: IngestFile[];
  removedPaths: string[];
  /** Files the client skipped (binary, too large, unreadable), for the user's list. */
  skipped: LeftOutFile[];
  /** Most tokens of the block; unset: what the model's own limit says, else half the context, which is never exceeded. */
  blockTokensMax?: number;
  /** Files that are open or were lately, the one looked at last first: they come first when not all fit. Unset: as before. */
  recentPaths?: string[];
  /** With the last batch: nothing is read ahead. */
  readLater?: boolean;
  /** With the last batch: the user has decided something, so the files of the block are chosen anew. */
  packAnew?: boolean;
  /**
   * With the last batch: stands for all that the user has decided about files. A layout from before a restart is gone on from only when it
   * was made under the same. Unset: as before.
   */
  decided?: string;
}
export interface WorkspaceStatus {
  /** Its uri. */
  workspace: string;
  fileCount: number;
  /** Files in the workspace block, with their tokens; `appended`: at its end, because they have changed since it was packed. */
  included: { path: string; tokens: number; appended?: boolean }[];
  leftOut: LeftOutFile[];
  /** Of the map that names files which are left out; part of `blockTokens`. Unset: there is none. */
  mapTokens?: number;
  blockTokens: number;
  /** Most tokens of the block: by blockTokensMax, the model and its context. */
  budgetTokens: number;
}
/** A name as somebody has written it: `orderTotal`, `add()`, or with what it is a part of, `Stock.add`. */
export interface AskedSymbol {
  name: string;
  /** Whether to look for the nearest real name if there is none. */
  near: boolean;
}
export interface SymbolsParams {
  workspace: string;
  symbols: AskedSymbol[];
}
export interface FoundSymbol {
  /** As it was asked. */
  name: string;
  /**
   * `written`: not defined, but in the text of a file; `missing`: neither; `unknown`: nothing can be said, such as of a part of something
   * that is defined elsewhere, or while not all files are read.
   */
  kind: 'defined' | 'written' | 'missing' | 'unknown';
  /** Where it is defined, the best first; lines are 1-based. */
  places: { path: string; uri: string; line: number }[];
  /** The most alike name that is defined, if it is missing. */
  near?: string;
}
export interface SymbolsResult {
  /** One for each name, in their order. */
  found: FoundSymbol[];
}
/** The status is complete only after the batch with `final`. Needs a model (tokens are counted with its tokenizer). */
export const workspaceIngest = new RequestType<IngestParams, WorkspaceStatus, WireErrorData>(
  'workspace/ingest',
);
/** The block was laid out again without a batch: its map says what files export now, or what was appended stands in its place. */
export const workspaceStatus = new NotificationType<WorkspaceStatus>('workspace/status');
export const workspaceForget = new RequestType<{ workspace: string }, null, WireErrorData>(
  'workspace/forget',
);
/** Whether the workspace defines names, and where. At most limits.symbolsAskedMax names of limits.symbolCharsMax characters. */
export const workspaceSymbols = new RequestType<SymbolsParams, SymbolsResult, WireErrorData>(
  'workspace/symbols',
);
