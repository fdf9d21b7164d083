// The fixture `tables` (docs/MODEL.md 14): rotary tables at the released sizes, and the pieces both pre-tokenizers cut.
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { tokenizerFromGguf } from '../checkpoint/gguf_tokenizer.ts';
import { readJsonFile } from '../checkpoint/json_file.ts';
import { ropeFrequencies, ropeTable } from '../model/layers/rope.ts';
import { errors } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';
import { byteOfCharacter } from '../tokenizer/byte_alphabet.ts';
import type { VerifyRow } from './verify_expected.ts';
import type { VerifyReport } from './verify_fixture.ts';

export const ropeFile = 'rope.json';
const piecesFile = 'pretokenizer.json';
const bytesMax = 16_000_000;

interface RopeCase {
  rope_theta: number;
  factor: number;
  original_max_position_embeddings: number;
  rotary_dim: number;
  attention_factor: number;
  inv_freq: number[];
  positions: number[];
  cos: number[][];
  sin: number[][];
}
interface PiecesCase {
  text: string;
  qwen2: string[];
  qwen35: string[];
}

/** Throws badCheckpoint when a file is missing. */
export async function verifyTables(directory: string): Promise<VerifyReport> {
  const read = async (name: string) => {
    const json = await readJsonFile(join(directory, name), bytesMax);
    if (!json) throw errors.badCheckpoint(directory, phrase`it has no ${name}`);
    return json;
  };
  const rope = (await read(ropeFile)) as unknown as Record<string, RopeCase>;
  const { cases } = (await read(piecesFile)) as unknown as { cases: PiecesCase[] };
  const rows = [
    ...Object.entries(rope).flatMap(([name, table]) => ropeRows(name, table)),
    ...(['qwen2', 'qwen35'] as const).map(pre => piecesRow(pre, cases)),
  ];
  return { rows, tokens: [], passed: rows.every(row => row.error <= row.tolerance) };
}

/**
 * Frequencies may be off by one unit in the last place, stretched ones by two. That moves the angle at a position, so cos and
 * sin are given as a share of what that allows.
 */
function ropeRows(name: string, table: RopeCase): VerifyRow[] {
  const { factor, original_max_position_embeddings: originalContext } = table;
  const settings = {
    rotaryDim: table.rotary_dim,
    ropeTheta: table.rope_theta,
    ropeScaling:
      factor === 1 ? undefined : { factor, originalContext, betaFast: 32, betaSlow: 1, truncate: true },
  };
  const { inverse, factor: magnitude } = ropeFrequencies(settings);
  let frequencyError = inverse.length === table.inv_freq.length ? 0 : Infinity;
  for (const [i, want] of table.inv_freq.entries())
    frequencyError = Math.max(frequencyError, Math.abs((inverse[i] as number) - want) / want);
  let share = 0;
  for (const [row, position] of table.positions.entries()) {
    const pairs = ropeTable(settings, position, 1);
    for (const [i, frequency] of inverse.entries()) {
      const allowed = (3e-7 + position * frequency * 2.5e-7) * magnitude;
      for (const [at, want] of [table.cos, table.sin].entries())
        share = Math.max(
          share,
          Math.abs((pairs[2 * i + at] as number) - (want[row]?.[i] ?? Infinity)) / allowed,
        );
    }
  }
  return [
    { name: `${name} frequencies`, error: frequencyError, tolerance: 2.5e-7 },
    { name: `${name} factor`, error: Math.abs(magnitude - table.attention_factor), tolerance: 1e-12 },
    { name: `${name} cos and sin`, error: share, tolerance: 1 },
  ];
}

/** How many texts are cut otherwise than by the reference. */
function piecesRow(pre: 'qwen2' | 'qwen35', cases: readonly PiecesCase[]): VerifyRow {
  const { tokenizerJson } = tokenizerFromGguf('the fixture', {
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': pre,
    'tokenizer.ggml.tokens': ['a'],
    'tokenizer.ggml.merges': [],
  });
  const { normalizer, pre_tokenizer: cut } = new Tokenizer(tokenizerJson, {});
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  const textOf = (piece: string) =>
    utf8.decode(Uint8Array.from(piece, character => byteOfCharacter.get(character) ?? 0));
  const wrong = cases.filter(
    one =>
      JSON.stringify(cut?.pre_tokenize(normalizer?.normalize(one.text) ?? '').map(textOf)) !==
      JSON.stringify(one[pre]),
  );
  return { name: `pieces ${pre}`, error: cases.length > 0 ? wrong.length : Infinity, tolerance: 0 };
}
