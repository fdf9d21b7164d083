// Text <-> token ids over @huggingface/tokenizers, with the two things an application needs on top:
// user text that can never become a control token, and the exact bytes of every token.
import { Tokenizer } from '@huggingface/tokenizers';
import type { CheckpointTokenizer } from '../checkpoint/checkpoint.ts';
import { errors } from '../protocol/errors.ts';
import { byteOfCharacter } from './byte_alphabet.ts';

/** Ids of the fill-in-the-middle and file tokens. */
export interface FimIds {
  prefix: number;
  middle: number;
  suffix: number;
  pad?: number;
  repoName?: number;
  fileSep?: number;
}

export interface TextTokenizer {
  /** special: added tokens in the text become their ids (template text); false: they are ordinary characters (user text). */
  encode(text: string, options: { special: boolean }): number[];
  /**
   * Encodes pieces of one text: added tokens count only in trusted pieces, and text that touches across pieces is
   * encoded as one, as if the whole had been encoded at once.
   */
  encodeParts(parts: readonly TextPart[]): number[];
  /** The bytes one token stands for; added tokens as UTF-8; nothing for ids outside the vocabulary. */
  decodeBytes(id: number): Uint8Array;
  idOf(token: string): number | undefined;
  /** Largest id + 1. */
  readonly vocabularySize: number;
  /** True for control tokens: never shown to the user. */
  isSpecial(id: number): boolean;
  readonly eosIds: readonly number[];
  readonly fim: FimIds | undefined;
  readonly chatTemplate: string | undefined;
  /** Throws badTokenizer when an id would lie outside the model's vocabulary. */
  checkFits(modelVocabularySize: number): void;
}

export interface TextPart {
  text: string;
  /** From the template or from us, not from the user. */
  trusted: boolean;
}

interface AddedToken {
  id: number;
  content: string;
  special?: boolean;
}

/** Throws badTokenizer when the library cannot use it. */
export function createTokenizer(path: string, source: CheckpointTokenizer): TextTokenizer {
  const json = source.tokenizerJson as {
    added_tokens?: AddedToken[];
    model?: { vocab?: Record<string, number> };
  };
  const added = json.added_tokens ?? [];
  const vocab = json.model?.vocab;
  if (!vocab || typeof vocab !== 'object') throw errors.badTokenizer(path, 'it has no vocabulary');
  let withAdded: Tokenizer;
  let plain: Tokenizer;
  try {
    withAdded = new Tokenizer(json, source.tokenizerConfig);
    plain = new Tokenizer({ ...json, added_tokens: [] }, {
      ...source.tokenizerConfig,
      additional_special_tokens: [],
      added_tokens_decoder: {},
    });
  } catch (cause) {
    throw errors.badTokenizer(path, cause instanceof Error ? cause.message : String(cause));
  }
  const bytes = new Map<number, Uint8Array>();
  const ids = new Map<string, number>();
  for (const [token, id] of Object.entries(vocab)) {
    ids.set(token, id);
    bytes.set(id, bytesOf(token));
  }
  const special = new Set<number>();
  const utf8 = new TextEncoder();
  for (const token of added) {
    ids.set(token.content, token.id);
    bytes.set(token.id, utf8.encode(token.content));
    if (token.special) special.add(token.id);
  }
  const vocabularySize = [...bytes.keys()].reduce((max, id) => Math.max(max, id + 1), 0);
  const addedIds = new Map(added.map(token => [token.content, token.id]));
  const fim = fimIds(addedIds);
  const eosIds = [
    ...new Set([
      ...source.eosTokenIds,
      ...['<|im_end|>', '<|endoftext|>'].flatMap(token => addedIds.get(token) ?? []),
    ]),
  ];
  const encode = (tokenizer: Tokenizer, text: string): number[] =>
    text === '' ? [] : [...tokenizer.encode(text.toWellFormed(), { add_special_tokens: false }).ids];
  const addedPattern =
    added.length > 0 ? new RegExp(`(${longestFirst(added).map(escapeRegExp).join('|')})`) : undefined;
  const encodeParts = (parts: readonly TextPart[]): number[] => {
    const out: number[] = [];
    let pending = '';
    for (const { text, trusted } of parts) {
      for (const piece of trusted && addedPattern ? text.split(addedPattern) : [text]) {
        const id = trusted ? addedIds.get(piece) : undefined;
        if (id === undefined) pending += piece;
        else {
          out.push(...encode(plain, pending), id);
          pending = '';
        }
      }
    }
    return out.concat(encode(plain, pending));
  };
  return {
    encodeParts,
    encode: (text, options) => encode(options.special ? withAdded : plain, text),
    decodeBytes: id => bytes.get(id) ?? new Uint8Array(),
    idOf: token => ids.get(token),
    vocabularySize,
    isSpecial: id => special.has(id),
    eosIds,
    fim,
    chatTemplate: source.chatTemplate,
    checkFits(modelVocabularySize) {
      if (vocabularySize > modelVocabularySize)
        throw errors.badTokenizer(
          path,
          `it has ids up to ${vocabularySize - 1}, the model only ${modelVocabularySize} rows`,
        );
    },
  };
}

function longestFirst(added: readonly AddedToken[]): string[] {
  return added.map(token => token.content).sort((a, b) => b.length - a.length);
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
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
