import { expect, test } from 'vitest';
import {
  completionRequest,
  neighbourCharsMax,
  neighbourExcerpt,
} from '../../../../engine/shared/completion/completion_request.ts';
import { at } from '../../../support/cursor.ts';

const rest = {
  documentId: 'file:///a.ts',
  path: 'a.ts',
  multiline: false,
  maxTokens: 5,
  deadlineMs: 1000,
};

test('the text around the cursor is sent, and the workspace is named only with other files', () => {
  const context = at('one\ntwo |three\nfour');
  const alone = completionRequest({ ...rest, context, workspaceName: 'shop', neighbours: [] });
  expect(alone).toEqual({
    ...rest,
    linesBefore: 'one\n',
    lineLeft: 'two ',
    suffix: 'three\nfour',
    neighbours: [],
    repositoryName: undefined,
  });
  const neighbours = [{ path: 'b.ts', content: 'b' }];
  expect(completionRequest({ ...rest, context, workspaceName: 'shop', neighbours }).repositoryName).toBe(
    'shop',
  );
});

test('of another file its first whole lines are sent, whatever its line ends', () => {
  expect(neighbourExcerpt('a\r\nb')).toBe('a\nb');
  const line = 'const x = 1;';
  for (const end of ['\n', '\r\n', '\r']) {
    const excerpt = neighbourExcerpt(`${line}${end}`.repeat(1000));
    expect(excerpt).toBe(`${line}\n`.repeat(Math.floor(neighbourCharsMax / (line.length + 1))));
  }
  expect(neighbourExcerpt('x'.repeat(5000))).toBe('x'.repeat(neighbourCharsMax));
});
