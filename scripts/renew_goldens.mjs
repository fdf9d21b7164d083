// `node scripts/renew_goldens.mjs FOLDER`: makes the golden files of the embedded model anew from what its training wrote
// into FOLDER (golden.json, logits_256.f32, tokenizer.json). Once for every new model; no test depends on anything else of it.
import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { embeddedModel, goldenLogits } from './bench/places.mjs';
import { root } from './setup/places.mjs';

const largestKept = 8;
/** So far apart are the other ids of a row, beginning with the row's own position: a few from everywhere. */
const idStride = 337;
const rowStride = 16;

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('the folder of the new model is missing');
const golden = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8'));
const tokenizerGolden = join(root, 'test', 'golden', 'tokenizer', 'hearth_tiny.json');

renew(goldenLogits, logitRows());
renew(tokenizerGolden, ({ note }) => JSON.stringify({ note, ...tokenizerResults() }, undefined, 1));
copyFileSync(
  join(folder, 'tokenizer.json'),
  join(root, 'test', 'golden', 'tokenizer', 'hearth_tiny_tokenizer.json'),
);

/** Writes a golden file anew; its note stays. */
function renew(path, textOf) {
  writeFileSync(path, textOf(JSON.parse(readFileSync(path, 'utf8'))));
}

function tokenizerResults() {
  const promptOf = ({ prompt, prompt_ids: ids }) => ({ prompt, ids });
  return {
    cases: golden.tokenizer,
    prompts: { fim: promptOf(golden.fim), chat: promptOf(golden.chat), plain: promptOf(golden.plain) },
  };
}

/** Some logits of every 16th position, a row a line. */
function logitRows() {
  const { ids, file, shape } = golden.logits;
  const [positions, vocabulary] = shape;
  const bytes = readFileSync(join(folder, file));
  const rows = [];
  for (let position = rowStride - 1; position < positions; position += rowStride) {
    const logit = id => bytes.readFloatLE(4 * (position * vocabulary + id));
    const all = Array.from({ length: vocabulary }, (_, id) => id);
    const largest = all.sort((a, b) => logit(b) - logit(a) || a - b).slice(0, largestKept);
    const others = [];
    for (let id = position; id < vocabulary; id += idStride) others.push(id);
    const kept = [...largest, ...others];
    const rounded = kept.map(id => Number(logit(id).toPrecision(7)));
    rows.push({ position, ids: kept, logits: rounded });
  }
  const model = createHash('sha256').update(readFileSync(embeddedModel)).digest('hex');
  return ({ note }) =>
    `{\n "note": ${line(note)},\n "model": ${line(model)},\n "ids": ${line(ids)},\n "rows": [\n${rows.map(row => `  ${line(row)}`).join(',\n')}\n ]\n}\n`;
}

/** JSON in one line with a space after commas and colons. */
function line(value) {
  if (Array.isArray(value)) return `[${value.map(line).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, entry]) => `${JSON.stringify(name)}: ${line(entry)}`)
    .join(', ')}}`;
}
