// Where the embedded model is, and what the reference says of its tokenizer.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const embeddedModelPath = fileURLToPath(
  new URL('../../media/model/hearth-tiny/hearth-tiny-q8_0.gguf', import.meta.url),
);

export const goldenTokenizer = JSON.parse(
  readFileSync(new URL('../golden/tokenizer/hearth_tiny.json', import.meta.url), 'utf8'),
) as {
  cases: { text: string; ids: number[] }[];
  prompts: Record<'fim' | 'chat' | 'plain', { prompt: string; ids: number[] }>;
};
