// Which extensions draw Mermaid in the Markdown preview, and the document that is previewed.
import { expect, test } from 'vitest';
import { canPreviewMermaid, mermaidDocument } from '../../../extension/chat/mermaid_extensions.ts';

const plugin = { 'markdown.markdownItPlugins': true };

test.each([
  ['the best-known one', 'bierner.markdown-mermaid', { contributes: plugin }],
  ['the editor’s own', 'vscode.mermaid-markdown-features', { contributes: plugin }],
  [
    'one that names it among its keywords',
    'a.diagrams',
    { contributes: plugin, keywords: ['uml', 'mermaid'] },
  ],
])('can: %s', (_name, id, packageJSON) => {
  expect(
    canPreviewMermaid([
      { id: 'x.y', packageJSON: {} },
      { id, packageJSON },
    ]),
  ).toBe(true);
});

test.each([
  ['one for its syntax alone', 'bpruitt.mermaid-markdown-syntax', { contributes: { grammars: [] } }],
  [
    'one for another plugin of Markdown',
    'bierner.markdown-emoji',
    { contributes: plugin, keywords: 'mermaid' },
  ],
  ['one without a manifest', 'a.mermaid', undefined],
])('cannot: %s', (_name, id, packageJSON) => {
  expect(canPreviewMermaid([{ id, packageJSON }])).toBe(false);
});

test('a diagram stays in its block, whatever it holds', () => {
  expect(mermaidDocument('graph TD\n')).toBe('```mermaid\ngraph TD\n```\n');
  expect(mermaidDocument('a\n```\n````\nb')).toBe('`````mermaid\na\n```\n````\nb\n`````\n');
});
