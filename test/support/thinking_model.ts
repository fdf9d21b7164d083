// A model in plain numbers that thinks, then answers: tokens and template of a thinking model over the embedded vocabulary.
import { readFileSync } from 'node:fs';
import { openCheckpoint } from '../../engine/checkpoint/open_checkpoint.ts';
import { createChatTemplate } from '../../engine/prompt/chat_template.ts';
import { loadText, type LoadedText } from '../../engine/service/loaded.ts';
import { createTokenizer } from '../../engine/tokenizer/tokenizer.ts';
import { FakeModel, type FakeModelOptions } from '../fakes/fake_model.ts';
import { embeddedModelPath } from './embedded_model.ts';

const [open, close] = [8192, 8193];
const vocabularySize = 8194;

/** A template of test/golden/chat_templates. */
export function goldenTemplate(name: string): string {
  return readFileSync(new URL(`../golden/chat_templates/${name}.jinja`, import.meta.url), 'utf8');
}

/** The embedded vocabulary with the tokens around a thought. */
export async function thinkingText(chatTemplate: string | undefined): Promise<LoadedText> {
  const checkpoint = await openCheckpoint(embeddedModelPath);
  try {
    const text = await loadText(checkpoint);
    const source = (await checkpoint.tokenizer())!;
    const tags = [
      { id: open, content: '<think>', special: false },
      { id: close, content: '</think>', special: false },
    ];
    const added = [...(source.tokenizerJson['added_tokens'] as object[]), ...tags];
    const tokenizerJson = { ...source.tokenizerJson, added_tokens: added };
    const tokenizer = createTokenizer('thinking', { ...source, tokenizerJson, chatTemplate });
    return { ...text, tokenizer, template: createChatTemplate('thinking', tokenizer), limits: {} };
  } finally {
    await checkpoint.close();
  }
}

/**
 * After an opened thought it thinks `thought`, after the end of one it answers `answer`, both from where the text stands; where
 * nothing is opened it answers at once.
 */
export function thinker(
  { tokenizer }: LoadedText,
  { thought, answer }: { thought: string; answer: string },
  options: FakeModelOptions = {},
): FakeModel {
  const [end] = tokenizer.encode('<|im_end|>', { special: true }) as [number];
  const [start] = tokenizer.encode('<|im_start|>', { special: true }) as [number];
  const encode = (text: string) => tokenizer.encode(text, { special: true });
  // The template writes the line break after the opening.
  const thoughtIds = encode(`\n${thought}\n</think>`);
  const answerIds = encode(`\n\n${answer}`);
  const plainIds = encode(`assistant\n${answer}`);
  const next = (ids: readonly number[]): number => {
    const at = ids.findLastIndex(id => id === open || id === close || id === start);
    const after = ids.length - 1 - at;
    if (ids[at] === open) return thoughtIds[after] ?? close;
    return (ids[at] === close ? answerIds : plainIds)[after] ?? end;
  };
  return new FakeModel({ vocabularySize, contextTokensMax: 2048, batchTokensMax: 64, next, ...options });
}

/** Tokens that a fake model has read so far. */
export function tokensRead({ batches }: FakeModel): number {
  return batches.reduce((sum, rows) => sum + rows, 0);
}
