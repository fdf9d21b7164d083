// Something that comes with a question: a piece of a file, a change, what a terminal said. As it was when the question was sent.
import * as z from 'zod';

export const attachmentSchema = z.object({
  type: z.literal('attachment'),
  // A later version may know other kinds; that is no reason to lose the message.
  kind: z
    .enum(['file', 'folder', 'symbol', 'selection', 'problems', 'changes', 'terminal', 'paste'])
    .catch('file'),
  /** How user and model call it: `src/order.ts:3-9`. */
  name: z.string(),
  /** '' for what has no place. */
  uri: z.string(),
  /** 1-based, inclusive. */
  range: z.object({ startLine: z.number(), endLine: z.number() }).optional(),
  languageId: z.string().optional(),
  /** Earlier versions have kept none. */
  text: z.string().optional(),
  /** True: attached by the user, and not by a command. */
  byUser: z.boolean().optional(),
});
export type Attachment = z.output<typeof attachmentSchema>;

/** What was read for a question, and what the user should know of it: sentences. */
export interface ReadAttachment {
  attachment: Attachment & { text: string; byUser: true };
  notes: string[];
}

/** What is attached and what was read besides, in place of an earlier reading of the same. */
export function together(attached: readonly Attachment[], read: readonly ReadAttachment[]): Attachment[] {
  const all = [...attached];
  for (const { attachment } of read) {
    const index = all.findIndex(one => isSameThing(one, attachment));
    if (index < 0) all.push(attachment);
    else all[index] = attachment;
  }
  return all;
}

/** The same thing, however it has changed meanwhile. */
export function isSameThing(one: Attachment, other: Attachment): boolean {
  // Pastes are called alike.
  if (one.kind === 'paste' || other.kind === 'paste')
    return one.kind === other.kind && one.text === other.text;
  const placeOf = ({ kind, uri, name }: Attachment): string => JSON.stringify([kind, uri, name]);
  return placeOf(one) === placeOf(other);
}
