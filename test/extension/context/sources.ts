// The editor as the tests of attachments have it: two files, a folder, some problems.
import { errors } from '../../../engine/protocol/errors.ts';
import type { ContextSources } from '../../../extension/context/sources.ts';
import type { EditorFile } from '../../../extension/prompts/facts.ts';

export const order: EditorFile = {
  uri: 'file:///w/src/order.ts',
  path: 'src/order.ts',
  fsPath: '/w/src/order.ts',
  languageId: 'typescript',
  text: 'one\ntwo\nthree\nfour',
  cursorLine: 2,
  problems: [],
};
export const selected: EditorFile = { ...order, selection: { text: 'two\nthree', startLine: 2, endLine: 3 } };

/** `files` are texts by their addresses. */
export function fakeSources(
  files: Record<string, string> = { [order.uri]: order.text },
  more: Partial<ContextSources> = {},
): ContextSources {
  return {
    placeKind: async uri => (uri.endsWith('.png') ? 'picture' : uri.endsWith('src') ? 'folder' : 'file'),
    file: async uri => {
      const text = files[uri];
      if (text === undefined) throw errors.badUsage({ text: 'gone', values: [] });
      return { uri, path: uri.replace('file:///w/', ''), languageId: 'typescript', text };
    },
    folder: async uri => ({
      uri,
      path: 'src',
      files: Object.entries(files).map(([at, text]) => ({ path: at.replace('file:///w/', ''), text })),
      leftOut: ['src/.env'],
    }),
    activeFile: () => order,
    problems: () => [],
    changes: async () => ({ uri: 'file:///w', staged: true, text: '+a', notes: ['Cut.'] }),
    terminal: () => ({ name: 'bash', command: 'npm test', output: 'failed', cut: true, exitCode: 1 }),
    ...more,
  };
}
