// What the page shows of something that is attached.
import type { AttachmentView } from '../../webview/protocol.ts';
import type { ReadAttachment } from './attachment.ts';
import type { TokenCounts } from './token_counts.ts';

/** Under its id, with its length and what is to be known of it. */
export function attachmentView(
  id: string,
  { attachment, notes }: ReadAttachment,
  counts: Pick<TokenCounts, 'of'>,
): AttachmentView {
  const { kind, name, text } = attachment;
  return { id, kind, label: name, ...counts.of(text), ...(notes.length > 0 && { note: notes.join(' ') }) };
}
