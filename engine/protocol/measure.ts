// text/count and chat/measure: how long texts and prompts are, told before anything is read.
import { RequestType } from 'vscode-jsonrpc';
import type { ChatSendParams } from './chat.ts';
import type { WireErrorData } from './errors.ts';

export interface CountParams {
  /** At most limits.countTextsMax of them, with limits.countCharsMax characters in all. */
  texts: string[];
}
export interface CountResult {
  /** Of each text by itself, in their order. */
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
  /** Of the prompt that chat/send would make. */
  promptTokens: number;
  contextTokensMax: number;
  /** Prompt tokens whose state is there, as long as nothing else is asked; the others would be read. */
  reusableTokens: number;
  /** Oldest messages that would be left out, so that the prompt and room for the answer fit. */
  droppedMessages: number;
  /** False: the last message is too long by itself, and chat/send would fail with contextFull. */
  fits: boolean;
}
/** Runs nothing and changes nothing; may be asked while an answer runs. */
export const measureChat = new RequestType<MeasureParams, MeasureResult, WireErrorData>('chat/measure');
