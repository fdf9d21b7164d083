// The tokens of a tokenizer.json, checked before anything relies on them: a library that meets a hole in a vocabulary
// drops text without a word.
import { quoted, describeValue } from '../checkpoint/describe_value.ts';
import { errors } from '../protocol/errors.ts';
import { phrase, type Phrase } from '../protocol/phrase.ts';
import { byteOfCharacter } from './byte_alphabet.ts';

export interface AddedToken {
  id: number;
  content: string;
  /** A control token, hidden from the user; the others (<think>) are text. */
  special: boolean;
}

export interface Vocabulary {
  /** Token by id, spelled in the byte alphabet; added tokens are in `added` only. */
  tokens: readonly (string | undefined)[];
  added: readonly AddedToken[];
  /** Pairs of tokens, first merged first. */
  merges: readonly (readonly [string, string])[];
  /** Largest id + 1. */
  size: number;
}

/** Above any real vocabulary; a damaged id must not become a huge table. */
const idsMax = 1 << 24;
/** Real ones have 26 of at most 21 characters; all of them are looked for at every place of a text. */
const addedTokensMax = 4096;
const addedTokenCharsMax = 256;

/** Throws badTokenizer unless this is a byte-level BPE vocabulary without holes. */
export function readVocabulary(path: string, tokenizerJson: Record<string, unknown>): Vocabulary {
  const bad = (why: Phrase) => errors.badTokenizer(path, why);
  const model = record(tokenizerJson['model']);
  if (!model) throw bad(phrase`it has no model`);
  if ((model['type'] ?? 'BPE') !== 'BPE')
    throw bad(phrase`its model is ${describeValue(model['type'])}, not BPE`);
  const vocab = record(model['vocab']);
  if (!vocab) throw bad(phrase`it has no vocabulary`);

  const idOf = new Map<string, number>();
  const tokens: (string | undefined)[] = [];
  const add = (token: string, id: unknown): number => {
    if (!Number.isInteger(id) || (id as number) < 0 || (id as number) >= idsMax)
      throw bad(phrase`the token ${quoted(token)} has the id ${describeValue(id)}`);
    idOf.set(token, id as number);
    return id as number;
  };
  for (const [token, value] of Object.entries(vocab)) {
    const id = add(token, value);
    const other = tokens[id];
    if (other !== undefined) throw bad(phrase`${quoted(other)} and ${quoted(token)} both have the id ${id}`);
    tokens[id] = token;
  }
  const missing = [...byteOfCharacter.keys()].filter(character => !idOf.has(character));
  if (missing.length > 0) throw bad(phrase`it has no token for ${missing.length} of the 256 bytes`);
  const merges = readMerges(model['merges'], idOf, bad);

  const added: AddedToken[] = [];
  const entries = list(tokenizerJson['added_tokens'] ?? []) ?? [undefined];
  if (entries.length > addedTokensMax) throw bad(phrase`it has ${entries.length} added tokens`);
  for (const entry of entries) {
    const token = record(entry);
    const content = token?.['content'];
    if (!token || typeof content !== 'string' || content === '')
      throw bad(phrase`its added tokens are not a list of tokens`);
    checkContent(content, bad);
    added.push({ id: add(content, token['id']), content, special: token['special'] === true });
  }
  const size = added.reduce((max, { id }) => Math.max(max, id + 1), tokens.length);
  return { tokens, added, merges, size };
}

/** Texts hold well-formed characters only, and marks of ours that are not: see shield.ts. */
function checkContent(content: string, bad: (why: Phrase) => Error): void {
  if (content.length > addedTokenCharsMax)
    throw bad(phrase`it has an added token of ${content.length} characters`);
  if (!content.isWellFormed()) throw bad(phrase`the added token ${quoted(content)} is not well-formed text`);
}

/** Each merge joins two tokens into a third, or what it joins would vanish. */
function readMerges(
  value: unknown,
  idOf: ReadonlyMap<string, number>,
  bad: (why: Phrase) => Error,
): [string, string][] {
  const merges = list(value);
  if (!merges) throw bad(phrase`it has no list of merges`);
  return merges.map((merge, rank) => {
    const pair = typeof merge === 'string' ? merge.split(' ') : merge;
    const [left, right] = (Array.isArray(pair) ? pair : []) as unknown[];
    if (
      typeof left !== 'string' ||
      typeof right !== 'string' ||
      !idOf.has(left) ||
      !idOf.has(right) ||
      !idOf.has(left + right)
    )
      throw bad(phrase`merge ${rank}, ${describeValue(merge)}, joins tokens that do not exist`);
    return [left, right];
  });
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function list(value: unknown): unknown[] | undefined {
  return Array.isArray(value) ? (value as unknown[]) : undefined;
}
