// chat/send: one answer, streamed by progress; the result carries reason and counts, never text deltas. chat/answerNow ends its thought.
import { ProgressType, RequestType } from 'vscode-jsonrpc';
import type { WireErrorData } from './errors.ts';
import type { Phrase } from './phrase.ts';

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
  /** What the model thought before it answered `content`. Whether it is told again is up to the model's template. */
  thinking?: string;
}
/** Unset fields take the model's own recommendation, else greedy-like defaults. */
export interface SamplingParams {
  temperature?: number;
  topK?: number;
  topP?: number;
  minP?: number;
  repetitionPenalty?: number;
  presencePenalty?: number;
  /** 32-bit; unset = random. */
  seed?: number;
}
export interface ChatSendParams {
  /** Progress token; unique per request. */
  progressToken: string;
  /** The conversation so far, oldest first, the new user message last. No system message: the engine writes it. */
  messages: ChatMessage[];
  /**
   * The last message is the answer to the one before it, as far as it came, with its thought: the model goes on with it, in the
   * thought when `content` is empty. The result holds what is new. Everything else as it was asked for with: then its state is
   * found again, and at most its last token is read.
   */
  continueAnswer?: boolean;
  /** Uri of an ingested workspace to answer from. */
  workspace?: string;
  /**
   * The user's rules for all answers. They end the system message, so that questions with the same ones share its state, and those
   * with others all that stands before them. What takes more than about a third of the context is cut.
   */
  instructions?: string;
  /**
   * Most tokens of the answer; a thought before it has an allowance of its own. Unset: answer and thought go on until the model
   * ends them or the context is full.
   */
  maxTokens?: number;
  /** Whether a model that can do both thinks first; unset: as its template has it. */
  think?: boolean;
  /** How much the model is to think, one of the efforts in the model's ThinkingFacts; without effect where there are none. */
  effort?: string;
  /** Most tokens of a thought: then it is closed, and the answer begins. Unset: the model ends it. */
  thinkingTokens?: number;
  sampling: SamplingParams;
  /** The answer is not ended for repeating itself: "go on anyway". */
  allowRepetition?: boolean;
  /** Texts that end the answer wherever they come in it, and are no part of it; a thought may hold them. */
  stop?: string[];
}
/** A place in the workspace that backs the answer; the path was checked against the ingested files. */
export interface SourceLink {
  path: string;
  uri: string;
  /** 1-based, inclusive. */
  startLine: number;
  endLine: number;
  /** How it was found: named in the answer, or ranked first for the question. */
  origin: 'cited' | 'ranked';
  /** How the model saw the file; a file of which it saw nothing is no source. */
  seen: 'whole' | 'excerpt';
}
/** A file that the model did not see whole. */
export interface LeftOutFile {
  path: string;
  reason: Phrase;
  /** Stands for so many files that are not named. */
  files?: number;
  /** The model saw a passage of it. */
  excerpt?: boolean;
  /** The model saw its path, and where there is room what it exports, in the map at the head of the block. */
  inMap?: boolean;
  /** What the user can change: it may hold secrets, or the user has left it out. */
  by?: 'secrets' | 'user';
}
/** 'repetition': the model said the same piece over and over; the text holds all of it. */
export type FinishReason = 'stop' | 'length' | 'cancelled' | 'context' | 'superseded' | 'repetition';
export interface GenerationStats {
  promptTokens: number;
  /** Prompt tokens whose state came from the prefix cache. */
  reusedTokens: number;
  /** Those of them whose state this answer had from the disk, from where it is kept in memory. */
  diskTokens: number;
  generatedTokens: number;
  /** Tokens guessed ahead by the model's MTP block, and how many of them were right. */
  draftedTokens: number;
  acceptedTokens: number;
  prefillMs: number;
  /** First to last token: the prompt gives the first, so this is the time of generatedTokens - 1 steps. */
  decodeMs: number;
  /** Request to first token. */
  firstTokenMs: number;
  contextTokens: number;
  contextTokensMax: number;
}
export interface ChatSendResult {
  text: string;
  /** What the model thought first; empty when it did not. */
  thinking: string;
  /** Tokens of the thought, of one that goes on with those it had before; 0 where nothing was thought. */
  thoughtTokens: number;
  finishReason: FinishReason;
  /** The thought was closed before the model did: chat/answerNow, or thinkingTokens were used up. */
  thoughtCut?: 'answerNow' | 'budget';
  /** Of a continued answer: the text that it had before turned out to be a thought, too (see 'thoughtSoFar'). */
  textBeforeWasThought?: boolean;
  stats: GenerationStats;
  /** Oldest messages that were left out of the prompt, for want of room. */
  droppedMessages: number;
  sources: SourceLink[];
  /** Files of the workspace that the model saw whole. */
  seenWhole: number;
  /** Files of the workspace that the model did not see whole, with the reason. */
  leftOut: LeftOutFile[];
}
/** 'thoughtSoFar': all text so far was a thought, which nothing had said before it ended; what follows is the answer. */
export type ChatDelta =
  | { kind: 'prefill'; doneTokens: number; totalTokens: number }
  /** `tokens`: of the thought so far. */
  | { kind: 'thinking'; text: string; tokens: number }
  | { kind: 'text'; text: string }
  | { kind: 'thoughtSoFar' };
export const ChatDeltaType = new ProgressType<ChatDelta>();
export const chatSend = new RequestType<ChatSendParams, ChatSendResult, WireErrorData>('chat/send');

export interface AnswerNowParams {
  /** Of a chat/send that runs. */
  progressToken: string;
}
export interface AnswerNowResult {
  /** False: nothing was done, since that answer does not think, or not any more, or has ended. */
  closed: boolean;
}
/** Closes the thought of a running answer: it goes on with the answer in the same request, and nothing is read again. */
export const answerNow = new RequestType<AnswerNowParams, AnswerNowResult, WireErrorData>('chat/answerNow');
