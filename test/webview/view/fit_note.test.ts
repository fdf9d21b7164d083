import { describe, expect, test } from 'vitest';
import type { AttachmentView } from '../../../webview/protocol.ts';
import { fitText } from '../../../webview/view/fit_note.ts';

const chip = (label: string, tokens?: number): AttachmentView => ({ id: label, kind: 'file', label, tokens });
const meter = (maxTokens: number, usedTokens = 0) => ({ maxTokens, usedTokens });
const say = (maxTokens: number, chips: AttachmentView[], text = '', usedTokens = 0): string =>
  fitText({ draft: { attachments: chips }, text, meter: meter(maxTokens, usedTokens) });

describe('what does not fit', () => {
  test('nothing is said while it fits, and while the context is not known', () => {
    expect(say(8192, [chip('a', 6000)], 'x'.repeat(576))).toBe('');
    expect(say(0, [chip('a', 60_000)])).toBe('');
    expect(say(8192, [], '', 8000)).toBe('');
  });

  test('is told by how much, with room for the answer, the longest first', () => {
    expect(say(8192, [chip('a', 1000), chip('b', 5000), chip('c.png'), chip('d', 2000)])).toBe(
      'The message is about 1,860 tokens too long: the context has 8,192, and 2,048 are kept for the answer. Longest: b (5,000), d (2,000), a (1,000).',
    );
    expect(say(65_536, [], 'x'.repeat(4 * 61_441))).toBe(
      'The message is about 10 tokens too long: the context has 65,536, and 4,096 are kept for the answer.',
    );
  });

  test('the file in the editor counts', () => {
    const draft = { attachments: [], editor: chip('e', 7000) };
    expect(fitText({ draft, text: '', meter: meter(8192) })).toContain('e (7,000)');
  });

  test('that older messages have to go is told as well', () => {
    expect(say(8192, [chip('a', 3000)], '', 4000)).toBe(
      'To make room for this message, the oldest ones of the conversation will be left out.',
    );
    expect(say(8192, [chip('a', 3000)], '', 3000)).toBe('');
    expect(say(8192, [], 'short', 8000)).toContain('the oldest ones');
  });

  test('the files of the workspace count once, where they come along', () => {
    const draft = { attachments: [] };
    const of = (text: string, usedTokens: number, tokens: [number, number]): string => {
      const [workspaceTokens, workspaceTokensBefore] = tokens;
      return fitText({ draft, text, meter: meter(8192, usedTokens), workspaceTokens, workspaceTokensBefore });
    };
    expect(of('x'.repeat(4 * 3000), 0, [0, 0])).toBe('');
    expect(of('x'.repeat(4 * 3000), 0, [4000, 0])).toContain('Longest: files of the workspace (4,000).');
    expect(of('short', 3000, [4000, 0])).toContain('the oldest ones');
    expect(of('short', 6000, [4000, 4000])).toBe('');
    expect(of('', 6000, [7000, 4000])).toBe('');
  });
});
