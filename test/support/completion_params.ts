// A completion request at the end of a line of a short file, as the tests of the engine ask for it.
import type { CompletionParams } from '../../engine/protocol/completion.ts';

export function completionParams(change: Partial<CompletionParams> = {}): CompletionParams {
  return {
    documentId: 'doc',
    path: 'a.ts',
    linesBefore: 'a\n',
    lineLeft: 'const x = ',
    suffix: '\n',
    neighbours: [],
    multiline: false,
    maxTokens: 40,
    deadlineMs: 60_000,
    ...change,
  };
}
