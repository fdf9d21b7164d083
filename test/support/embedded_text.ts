// Tokenizer, template, sampling and limits of the embedded model, for tests that need no weights.
import { openCheckpoint } from '../../engine/checkpoint/open_checkpoint.ts';
import { loadText, type LoadedText } from '../../engine/service/loaded.ts';
import { embeddedModelPath } from './embedded_model.ts';

export async function embeddedText(): Promise<LoadedText> {
  const checkpoint = await openCheckpoint(embeddedModelPath);
  try {
    return await loadText(checkpoint);
  } finally {
    await checkpoint.close();
  }
}
