// Text <-> token ids over @huggingface/tokenizers, with the two things an application needs on top:
// user text that can never become a control token, and the exact bytes of every token.
import { Tokenizer } from '@huggingface/tokenizers';
import type { CheckpointTokenizer } from '../checkpoint/checkpoint.ts';
import { HearthError, errors, reasonOf } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';
import { byteOfCharacter } from './byte_alphabet.ts';
import { libraryConfig } from './library_config.ts';
import { createShield } from './shield.ts';
import { StretchCache } from './stretch_cache.ts';
import { readVocabulary } from './vocabulary.ts';

/** Ids of the fill-in-the-middle and file tokens. */
export interface FimIds {
  prefix: number;
  middle: number;
  suffix: number;
  pad?: number;
  repoName?: number;
  fileSep?: number;
}

/** The tokens around what a model thinks before it answers. */
export interface ThoughtTokens {
  open: number;
  close: number;
}

export interface TextTokenizer {
  /**
   * special: added tokens in the text become their ids, except where shielded (template text);
   * false: they are ordinary characters (user text). Lone surrogates count as U+FFFD.
   */
  encode(text: string, options: { special: boolean }): number[];
  /** How many tokens a text of ordinary characters has. Nothing is kept for the next time. */
  count(text: string): number;
  /** The texts that encode() reads one by one for template text, and keeps: those that come again cost nothing. */
  stretches(text: string): string[];
  /**
   * Makes user text safe to be put into template text: encoded with `special: true` its added tokens stay characters.
   * keepVisible: those that are not special, such as <think>, still count (the model's own words).
   */
  shield(text: string, options: { keepVisible: boolean }): string;
  /** The bytes one token stands for; added tokens as UTF-8; nothing for ids outside the vocabulary. */
  decodeBytes(id: number): Uint8Array;
  /** Largest id + 1. */
  readonly vocabularySize: number;
  /** True for control tokens: never shown to the user. */
  isSpecial(id: number): boolean;
  /** Ids of all added tokens. */
  readonly addedIds: readonly number[];
  readonly eosIds: readonly number[];
  readonly fim: FimIds | undefined;
  readonly thought: ThoughtTokens | undefined;
  readonly chatTemplate: string | undefined;
  /** Throws badTokenizer when an id would lie outside the model's vocabulary. */
  checkFits(modelVocabularySize: number): void;
}

/** The text that ids stand for, control tokens included. */
export function textOf({ decodeBytes }: Pick<TextTokenizer, 'decodeBytes'>, ids: readonly number[]): string {
  return new TextDecoder().decode(Uint8Array.from(ids.flatMap(id => [...decodeBytes(id)])));
}

/** Every kind of piece; a tokenizer that does not give it back would mangle what the user wrote. */
const probe = 'Hearth 2026:\n\tnaïve 円周率 😀  "x"<|im_end|>\r\n';

/** Throws badTokenizer for anything that is not a complete byte-level BPE tokenizer. */
export function createTokenizer(path: string, source: CheckpointTokenizer): TextTokenizer {
  const { tokens, added, merges, size } = readVocabulary(path, source.tokenizerJson);
  let library: Tokenizer;
  try {
    // Added tokens are found by us, before the library sees the text.
    library = new Tokenizer(
      libraryConfig(source.tokenizerJson, merges, why => errors.badTokenizer(path, why)),
      {},
    );
  } catch (cause) {
    if (cause instanceof HearthError) throw cause;
    throw errors.badTokenizer(path, phrase`the tokenizer library refuses it (${reasonOf(cause)})`);
  }
  const cache = new StretchCache(text => library.encode(text, { add_special_tokens: false }).ids);
  const { shield, split } = createShield(added);
  const addedById = new Map(added.map(token => [token.id, token]));
  const addedIds = new Map(added.map(token => [token.content, token.id]));
  const ends = ['<|im_end|>', '<|endoftext|>'].flatMap(token => addedIds.get(token) ?? []);
  const utf8 = new TextEncoder();

  const tokenizer: TextTokenizer = {
    encode(text, { special }) {
      const ids: number[] = [];
      for (const piece of special ? split(text) : [text.toWellFormed()]) {
        if (typeof piece === 'number') ids.push(piece);
        // One by one: spread arguments overflow the stack on long texts.
        else for (const id of cache.encode(piece)) ids.push(id);
      }
      return ids;
    },
    count: text => library.encode(text.toWellFormed(), { add_special_tokens: false }).ids.length,
    stretches: text => split(text).filter(piece => typeof piece === 'string'),
    shield,
    decodeBytes(id) {
      const token = addedById.get(id);
      return token ? utf8.encode(token.content) : bytesOf(tokens[id] ?? '');
    },
    vocabularySize: size,
    isSpecial: id => addedById.get(id)?.special ?? false,
    addedIds: [...addedById.keys()],
    eosIds: [...new Set([...source.eosTokenIds, ...ends])],
    fim: fimIds(addedIds),
    thought: thoughtTokens(addedIds),
    chatTemplate: source.chatTemplate,
    checkFits(modelVocabularySize) {
      if (size > modelVocabularySize)
        throw errors.badTokenizer(
          path,
          phrase`it has ids up to ${size - 1}, the model only ${modelVocabularySize} rows`,
        );
    },
  };
  if (!givesBack(tokenizer, probe))
    throw errors.badTokenizer(path, phrase`it does not give back the text it is given`);
  return tokenizer;
}

function givesBack(tokenizer: TextTokenizer, text: string): boolean {
  const bytes = tokenizer.encode(text, { special: false }).flatMap(id => [...tokenizer.decodeBytes(id)]);
  return new TextDecoder().decode(Uint8Array.from(bytes)) === text;
}

function fimIds(added: ReadonlyMap<string, number>): FimIds | undefined {
  const [prefix, middle, suffix] = ['<|fim_prefix|>', '<|fim_middle|>', '<|fim_suffix|>'].map(token =>
    added.get(token),
  );
  if (prefix === undefined || middle === undefined || suffix === undefined) return undefined;
  return {
    prefix,
    middle,
    suffix,
    pad: added.get('<|fim_pad|>'),
    repoName: added.get('<|repo_name|>'),
    fileSep: added.get('<|file_sep|>'),
  };
}

function thoughtTokens(added: ReadonlyMap<string, number>): ThoughtTokens | undefined {
  const [open, close] = [added.get('<think>'), added.get('</think>')];
  return open === undefined || close === undefined ? undefined : { open, close };
}

/** A token of the byte alphabet back to bytes; characters outside it as UTF-8. */
function bytesOf(token: string): Uint8Array {
  const out: number[] = [];
  for (const character of token) {
    const byte = byteOfCharacter.get(character);
    if (byte !== undefined) out.push(byte);
    else out.push(...new TextEncoder().encode(character));
  }
  return Uint8Array.from(out);
}
