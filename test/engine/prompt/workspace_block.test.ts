// The text of the workspace block: one form, byte for byte, and fences no file can break out of.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  fenceFor,
  languageTag,
  sectionText,
  systemMessage,
  workspaceBlock,
  type BlockSection,
} from '../../../engine/prompt/workspace_block.ts';

const file = (path: string, text: string): BlockSection => ({ kind: 'file', path, text });

test('what became of a file is said in a heading: a new version with its content, else nothing below', () => {
  expect(sectionText({ kind: 'edited', path: 'a.ts', text: 'y\n' })).toBe('## a.ts (edited)\n```ts\ny\n```');
  expect(sectionText({ kind: 'deleted', path: 'a.ts' })).toBe('## a.ts (deleted)');
  expect(sectionText({ kind: 'renamed', path: 'a.ts', to: 'b/a.ts' })).toBe('## a.ts (renamed to b/a.ts)');
});

test('the block is a heading and one fenced section for each file, without a line end of its own', () => {
  const files = [file('src/a.ts', 'x\n'), file('b.py', 'y'), file('Makefile', '')];
  expect(workspaceBlock('demo', files)).toBe(
    '# Workspace: demo\n\n## src/a.ts\n```ts\nx\n```\n\n## b.py\n```py\ny\n```\n\n## Makefile\n```\n```',
  );
  expect(workspaceBlock('demo', [])).toBe('# Workspace: demo');
});

test('the block is the sections joined, so that sections can be counted one by one', () => {
  const files = ['a', 'b'].map(path => file(path, path));
  expect(workspaceBlock('w', files)).toBe(
    `${workspaceBlock('w', [])}${files.map(one => `\n\n${sectionText(one)}`).join('')}`,
  );
});

test('a fence is longer than any in the file', () => {
  expect(sectionText(file('a.md', '```ts\nx\n```\n'))).toBe('## a.md\n````md\n```ts\nx\n```\n````');
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
