import { expect, test } from 'vitest';
import { together, type Attachment, type ReadAttachment } from '../../../extension/context/attachment.ts';

const attached = (kind: Attachment['kind'], name: string, text: string): ReadAttachment['attachment'] => ({
  type: 'attachment',
  kind,
  name,
  uri: kind === 'paste' ? '' : `file:///w/${name}`,
  text,
  byUser: true,
});
const read = (...attachments: ReadAttachment['attachment'][]): ReadAttachment[] =>
  attachments.map(attachment => ({ attachment, notes: [] }));

test('what is attached again is there once, as it was read last', () => {
  const kept = [attached('file', 'a', 'old'), attached('paste', 'Pasted text, 1 line', 'x')];
  const all = together(
    kept,
    read(
      attached('file', 'a', 'new'),
      attached('paste', 'Pasted text, 1 line', 'y'),
      attached('paste', 'Pasted text, 1 line', 'x'),
      attached('folder', 'a', 'of a folder'),
    ),
  );
  expect(all.map(({ text }) => text)).toEqual(['new', 'x', 'y', 'of a folder']);
  expect(kept[0]?.text).toBe('old');
});
