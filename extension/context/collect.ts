// What of the draft goes with a message, and whether the file in the editor comes along. No vscode.
import type { Expanded } from '../prompts/expanded.ts';
import { isSameThing, type Attachment, type ReadAttachment } from './attachment.ts';

/** What of a conversation is looked at: what came with its questions. */
type Said = { role: string; parts?: readonly { type: string }[] };

/**
 * All that is attached; the file in the editor comes first, unless a command or the user has attached it already, or the model has
 * been shown the same text of it in this conversation.
 */
export function withEditor(
  attached: readonly ReadAttachment[],
  editor: ReadAttachment | undefined,
  expanded: Pick<Expanded, 'parts'>,
  branch: readonly Said[],
): { attached: Attachment[]; notes: string[] } {
  const all =
    editor && !isKnown(editor.attachment, attached, expanded, branch) ? [editor, ...attached] : attached;
  return {
    attached: all.map(({ attachment }) => attachment),
    notes: all.flatMap(({ notes }) => notes),
  };
}

function isKnown(
  editor: Attachment,
  attached: readonly ReadAttachment[],
  expanded: Pick<Expanded, 'parts'>,
  branch: readonly Said[],
): boolean {
  const ofMessage = [...attached.map(({ attachment }) => attachment), ...expanded.parts];
  const isOfFile = (part: { type: string; uri?: string }): boolean =>
    part.type === 'attachment' && part.uri === editor.uri;
  if (ofMessage.some(isOfFile)) return true;
  const said = branch.flatMap(({ parts = [] }) => parts as readonly Attachment[]);
  return said.some(
    part => part.type === 'attachment' && isSameThing(part, editor) && part.text === editor.text,
  );
}
