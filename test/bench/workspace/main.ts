// Asks the questions of both lists, as the engine would without a model: which files stand in front of it, and which is first among the
// sources. Then how long indexing takes. Prints tables.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { excerptBudget } from '../../../engine/prompt/excerpt_budget.ts';
import { excerpts } from '../../../engine/prompt/workspace_block.ts';
import { loadText } from '../../../engine/service/loaded.ts';
import { SymbolSearch } from '../../../engine/workspace/symbols/symbol_search.ts';
import { Workspace } from '../../../engine/workspace/workspace.ts';
import { measureReadBack } from './kept_state.ts';
import { manyFiles } from './many_files.ts';
import { readTokens } from './read_tokens.ts';
import { questionLists, type BenchQuestion, type QuestionList } from './questions.ts';

/** Chosen before the search was tuned, by the first list alone. */
const lists = { seed: 20261129, size: 200, count: 2 };
const model = fileURLToPath(new URL('../media/model/hearth-tiny/hearth-tiny-q8_0.gguf', import.meta.url));

const [directory] = process.argv.slice(2) as [string];
const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  .map(path => path.replaceAll('\\', '/'))
  .filter(path => path.endsWith('.ts') && !path.endsWith('.d.ts'))
  .sort();
const checkpoint = await openCheckpoint(model);
const { tokenizer } = await loadText(checkpoint);
await checkpoint.close();

/** A long context, and the embedded model with its own limits. */
const budgets = {
  '32K context': excerptBudget({ contextTokensMax: 32_768, blockTokens: 0, ownTokensMax: undefined }, text =>
    tokenizer.count(text),
  ),
  embedded: excerptBudget(
    { contextTokensMax: 32_768, blockTokens: 0, ownTokensMax: 4_096 },
    text => text.length,
  ),
};
type Budget = keyof typeof budgets;

for (const [i, list] of questionLists(directory, paths, lists).entries()) {
  const counted = await askAll(list);
  console.log(
    `\n${i === 0 ? 'List for tuning' : 'List held out'}: ${list.questions.length} questions, ${list.files.length} files`,
  );
  console.table(counted);
}
console.log('\nIndexing');
console.table(await indexingTimes());
const kept = mkdtempSync(join(tmpdir(), 'hearth-bench-'));
try {
  console.log('\nTokens read where what was read before could serve: the embedded model, 60 files');
  console.table(await readTokens(model, join(kept, 'states')));
  console.log('\nA state read back from the disk, beside a plain read of the same file');
  const { bytes, plain, checked } = await measureReadBack(kept);
  const gigabytes = (value: number) => Number((value / 1e9).toFixed(2));
  console.table({
    GB: gigabytes(bytes),
    'plain GB/s': gigabytes(plain),
    'checked GB/s': gigabytes(checked),
    share: Number((checked / plain).toFixed(2)),
  });
} finally {
  rmSync(kept, { recursive: true });
}

interface Counted extends Record<`in front, ${Budget}` | `first source, ${Budget}`, number> {
  questions: number;
}

async function askAll({ questions, files }: QuestionList): Promise<Record<string, Counted>> {
  const workspace = new Workspace('bench', 'bench');
  workspace.ingest({
    reset: true,
    final: true,
    removedPaths: [],
    skipped: [],
    files: files.map(({ path, text }) => ({ path, uri: path, text })),
  });
  await workspace.indexed();
  const counted: Record<string, Counted> = {};
  for (const question of questions) {
    const right = await rightPlaces(workspace, question);
    for (const row of ['all', question.kind, `${question.kind} ${question.language}`]) {
      const line = (counted[row] ??= {
        questions: 0,
        'in front, 32K context': 0,
        'first source, 32K context': 0,
        'in front, embedded': 0,
        'first source, embedded': 0,
      });
      line.questions++;
      for (const budget of ['32K context', 'embedded'] as const) {
        if (right[budget].inFront) line[`in front, ${budget}`]++;
        if (right[budget].first) line[`first source, ${budget}`]++;
      }
    }
  }
  workspace.dispose();
  return counted;
}

async function rightPlaces(workspace: Workspace, { text, right }: BenchQuestion) {
  const ranked = await workspace.places(text);
  const judge = (budget: Budget) => {
    const { shown } = excerpts(workspace.unseen(ranked), budgets[budget]);
    const [first] = workspace.sources({ status: workspace.status, excerpts: shown }, ranked, '');
    return {
      inFront: shown.some(({ path }) => right.includes(path)),
      first: first !== undefined && right.includes(first.path),
    };
  };
  return { '32K context': judge('32K context'), embedded: judge('embedded') };
}

/** Of 5,000 generated files, 50 MB: from nothing, from disk, and of one changed file (ms). */
async function indexingTimes() {
  const files = [...manyFiles(5_000, 50 * 1024 * 1024)];
  const kept = mkdtempSync(join(tmpdir(), 'hearth-bench-'));
  const open = () => new SymbolSearch({ workspace: 'bench', directory: kept });
  const timed = async (search: SymbolSearch, put: typeof files) => {
    const start = performance.now();
    const before = process.cpuUsage();
    for (let i = 0; i < put.length; i += 100) search.put(put.slice(i, i + 100));
    await search.idle();
    const { user, system } = process.cpuUsage(before);
    return { ms: Math.round(performance.now() - start), 'cpu ms': Math.round((user + system) / 1000) };
  };
  const search = open();
  const first = await timed(search, files);
  const [one] = files as [(typeof files)[0]];
  const changes: { ms: number; 'cpu ms': number }[] = [];
  for (let i = 0; i < 9; i++)
    changes.push(
      await timed(search, [{ path: one.path, text: `${one.text}\nexport function added${i}() {}\n` }]),
    );
  const questions: number[] = [];
  for (let i = 0; i < 9; i++) {
    const start = performance.now();
    await search.find(`Who calls updateItem${i}x${i}?`, 60);
    questions.push(Math.round(performance.now() - start));
  }
  // What was read is written a few seconds later.
  while (readdirSync(kept).length === 0) await new Promise(resolve => setTimeout(resolve, 200));
  await new Promise(resolve => setTimeout(resolve, 5_000));
  search.dispose();
  const again = open();
  const fromDisk = await timed(again, files);
  const parsedAgain = again.parsedCount;
  again.dispose();
  rmSync(kept, { recursive: true });
  const middle = (all: number[]) => all.toSorted((a, b) => a - b)[all.length >> 1];
  const median = (all: typeof changes) => ({
    ms: middle(all.map(({ ms }) => ms)),
    'cpu ms': middle(all.map(one => one['cpu ms'])),
  });
  return {
    '5,000 files, 50 MB, from nothing': first,
    'from disk': { ...fromDisk, 'files parsed': parsedAgain },
    'one changed file (median of 9)': median(changes),
    'one question (median of 9)': { ms: middle(questions) },
  };
}
