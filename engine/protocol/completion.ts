// completion/inline: one ghost text. No progress; late or cancelled gives an empty text, never an error.
// completion/prompt: what the model is given for it.
import { RequestType } from 'vscode-jsonrpc';
import type { FinishReason, GenerationStats } from './chat.ts';
import type { WireErrorData } from './errors.ts';

export interface NeighbourFile {
  path: string;
  content: string;
}
export interface CompletionParams {
  /** Requests for the same document supersede each other. */
  documentId: string;
  /** Workspace-relative, with forward slashes. */
  path: string;
  /** Whole lines before the cursor's line, ending in a newline (or empty). */
  linesBefore: string;
  /** The cursor line left of the cursor. */
  lineLeft: string;
  /** Everything after the cursor. */
  suffix: string;
  /** Told before the other files; without one they are said to be of a "workspace". */
  repositoryName?: string;
  /** Other files in order of worth, the most useful first: when room is short the last are left out. May be empty. */
  neighbours: NeighbourFile[];
  /** False: stop at the first line end. */
  multiline: boolean;
  maxTokens: number;
  deadlineMs: number;
}
export interface CompletionResult {
  /** Text to insert at the cursor; empty when there is nothing to show. */
  text: string;
  finishReason: FinishReason | 'deadline';
  stats: GenerationStats;
}
/** A prompt as the model reads it, control tokens included. */
export interface CompletionPrompt {
  text: string;
  tokens: number;
}
export const completionInline = new RequestType<CompletionParams, CompletionResult, WireErrorData>(
  'completion/inline',
);
/** By the model in force. Runs nothing. */
export const completionPrompt = new RequestType<CompletionParams, CompletionPrompt, WireErrorData>(
  'completion/prompt',
);
