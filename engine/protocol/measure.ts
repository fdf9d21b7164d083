// text/count and chat/measure: how long texts and prompts are, told before anything is read.
import { RequestType } from 'vscode-jsonrpc';
import type { ChatSendParams } from './chat.ts';
import type { WireErrorData } from './errors.ts';

export interface CountParams {
  /** At most limits.countTextsMax of them, with limits.countCharsMax characters in all. */
  texts: string[];
}
export interface CountResult {
  /** Of each text by itself, in their order; of one with overlong lines perhaps a few more than it has. */
  tokens: number[];
}
/** By the tokenizer of the model in force. */
export const countTokens = new RequestType<CountParams, CountResult, WireErrorData>('text/count');

/** A question as chat/send would get it. */
export type MeasureParams = Pick<
  ChatSendParams,
  'messages' | 'continueAnswer' | 'instructions' | 'workspace' | 'maxTokens' | 'think' | 'effort'
>;
export interface MeasureResult {
  /** Of the prompt that chat/send would make, without the messages that it would leave out. */
  promptTokens: number;
  /** Of the prompt with all messages. */
  wholePromptTokens: number;
  /** Room that is kept for the answer and its thought. */
  reservedTokens: number;
  /** What the last message may still take before others are left out; below zero, what it takes too many. */
  freeTokens: number;
  contextTokensMax: number;
  /** Prompt tokens whose state is there, as long as nothing else is asked; the others would be read. */
  reusableTokens: number;
  /** Oldest messages that would be left out, so that the prompt and room for the answer fit. */
  droppedMessages: number;
  /** False: the last message is too long by itself, and chat/send would fail with contextFull. */
  fits: boolean;
}
/** Runs nothing and changes nothing, and an answer that runs goes on meanwhile. */
export const measureChat = new RequestType<MeasureParams, MeasureResult, WireErrorData>('chat/measure');
