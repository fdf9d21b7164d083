// The text of the workspace block: one form, byte for byte, and fences no file can break out of.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  fenceFor,
  fileSection,
  languageTag,
  systemMessage,
  workspaceBlock,
} from '../../../engine/prompt/workspace_block.ts';

test('the block is a heading and one fenced section for each file, without a line end of its own', () => {
  const files = [
    { path: 'src/a.ts', text: 'x\n' },
    { path: 'b.py', text: 'y' },
    { path: 'Makefile', text: '' },
  ];
  expect(workspaceBlock('demo', files)).toBe(
    '# Workspace: demo\n\n## src/a.ts\n```ts\nx\n```\n\n## b.py\n```py\ny\n```\n\n## Makefile\n```\n```',
  );
  expect(workspaceBlock('demo', [])).toBe('# Workspace: demo');
});

test('the block is the sections joined, so that sections can be counted one by one', () => {
  const files = ['a', 'b'].map(path => ({ path, text: path }));
  expect(workspaceBlock('w', files)).toBe(
    `${workspaceBlock('w', [])}${files.map(file => `\n\n${fileSection(file)}`).join('')}`,
  );
});

test('a fence is longer than any in the file', () => {
  expect(fileSection({ path: 'a.md', text: '```ts\nx\n```\n' })).toBe('## a.md\n````md\n```ts\nx\n```\n````');
});

test('no line of a file closes its fence', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('`', '```', ' ', '\n', '\r', 'x', '\t') }), text => {
      const fence = fenceFor(text);
      expect(fence.length).toBeGreaterThanOrEqual(3);
      for (const line of text.split(/[\n\r]/)) expect(line.trimStart().startsWith(fence)).toBe(false);
    }),
  );
});

test.each([
  ['src/a.ts', 'ts'],
  ['types.d.ts', 'ts'],
  ['A.TSX', 'tsx'],
  ['.gitignore', 'gitignore'],
  ['Makefile', ''],
  ['dir.d/file', ''],
  ['a.b c', ''],
])('the language of %s is "%s"', (path, tag) => {
  expect(languageTag(path)).toBe(tag);
});

test('the system message is short without a workspace and carries the block with one', () => {
  expect(systemMessage()).not.toContain('workspace');
  expect(systemMessage('# Workspace: w', 'Be short.')).toBe(
    `${systemMessage('# Workspace: w')}\n\nBe short.`,
  );
  expect(systemMessage('# Workspace: w')).toBe(
    'You are a coding assistant that answers from the workspace.\n\n# Workspace: w',
  );
});
